//! A CSV text as lines of cells, each with its place.
//!
//! Taken: commas, semicolons (as Excel writes them where commas are decimal) or tabs between cells, as the first line has
//! them; quotes; LF, CRLF; empty lines; lines that begin with `#`; Excel's own first line, `sep=;`. Source: RFC 4180.

use std::sync::Arc;

use csv_core::{ReadFieldResult, Reader, ReaderBuilder};

use crate::diagnostic::{Diagnostic, Place, Source};

const DELIMITERS: [char; 3] = [',', ';', '\t'];

/// One cell, without its quotes and the spaces around it.
#[derive(Debug)]
pub(super) struct Cell {
    pub text: String,
    pub place: Place,
}

/// The lines of a text, one by one.
pub(super) struct Rows<'a> {
    source: &'a Arc<Source>,
    reader: Reader,
    delimiter: char,
    /// How far it has been read, in bytes.
    at: usize,
    /// The line of `counted`, and where it begins.
    line: usize,
    begin: usize,
    counted: usize,
    buffer: Vec<u8>,
    ended: bool,
}

/// The first line that says something, without what Excel puts before it; and where it begins.
pub(super) fn head(text: &str) -> Option<(&str, Option<char>)> {
    let mut asked = None;
    for line in text.lines() {
        let separator =
            line.strip_prefix("sep=").and_then(|rest| rest.trim_end().chars().next().or(Some('\t')));
        if separator.is_some() {
            asked = separator;
        } else if !line.trim().is_empty() && !line.starts_with('#') {
            return Some((line, asked));
        }
    }
    None
}

/// What stands between the cells of a header.
pub(super) fn delimiter(header: &str) -> char {
    let count = |c: &char| header.matches(*c).count();
    DELIMITERS.into_iter().rev().max_by_key(count).unwrap_or(',')
}

impl<'a> Rows<'a> {
    pub fn new(source: &'a Arc<Source>) -> Self {
        let (header, asked) = head(&source.text).unwrap_or_default();
        let delimiter = asked.filter(|c| DELIMITERS.contains(c)).unwrap_or_else(|| delimiter(header));
        let byte = u8::try_from(delimiter).unwrap_or(b',');
        let reader = ReaderBuilder::new().delimiter(byte).comment(Some(b'#')).build();
        let at =
            if source.text.starts_with("sep=") { source.text.find('\n').map_or(0, |end| end + 1) } else { 0 };
        let mut rows = Rows {
            source,
            reader,
            delimiter,
            at,
            line: 1,
            begin: 0,
            counted: 0,
            buffer: vec![0; 256],
            ended: false,
        };
        rows.count_to(at);
        rows
    }

    /// The next line that has a cell.
    pub fn next(&mut self, most: usize) -> Option<Result<Vec<Cell>, Diagnostic>> {
        let mut cells = Vec::new();
        loop {
            if self.ended {
                return (!cells.is_empty()).then_some(Ok(cells));
            }
            let (cell, last) = match self.cell(cells.is_empty())? {
                Ok(cell) => cell,
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error));
                }
            };
            if cells.len() <= most {
                cells.push(cell);
            }
            if last {
                return Some(Ok(cells));
            }
        }
    }

    fn cell(&mut self, first: bool) -> Option<Result<(Cell, bool), Diagnostic>> {
        let bytes = self.source.text.as_bytes();
        let (begin, mut length) = (self.at, 0);
        let last = loop {
            let (result, read, written) =
                self.reader.read_field(&bytes[self.at..], &mut self.buffer[length..]);
            self.at += read;
            length += written;
            match result {
                ReadFieldResult::InputEmpty => {}
                ReadFieldResult::OutputFull => self.buffer.resize(self.buffer.len() * 2, 0),
                ReadFieldResult::Field { record_end } => break record_end,
                ReadFieldResult::End => {
                    self.ended = true;
                    return None;
                }
            }
        };
        let mut begin = begin;
        // Ends of lines and remarks before the first cell are passed over with it.
        if first {
            loop {
                match bytes.get(begin) {
                    Some(b'\n' | b'\r') if begin < self.at => begin += 1,
                    Some(b'#') => {
                        begin = self.source.text[begin..].find('\n').map_or(self.at, |end| begin + end + 1)
                    }
                    _ => break,
                }
            }
        }
        let raw = self.source.text.get(begin..self.at).unwrap_or_default();
        let raw = if last {
            raw.trim_end_matches(['\n', '\r'])
        } else {
            raw.strip_suffix(self.delimiter).unwrap_or(raw)
        };
        let shown = raw.trim();
        let inner = shown.strip_prefix('"').map_or(shown, |rest| rest.strip_suffix('"').unwrap_or(rest));
        self.count_to(begin + (raw.len() - raw.trim_start().len()));
        let quoted = usize::from(shown.starts_with('"'));
        let from = self.counted + quoted;
        let place = Place {
            source: Arc::clone(self.source),
            line: self.line,
            column: self.source.text[self.begin..from].chars().count() + 1,
            width: inner.lines().next().unwrap_or_default().chars().count().max(1),
        };
        if let Some((message, help)) = fault(raw) {
            return Some(Err(Diagnostic::at(&place, message).help(help)));
        }
        let text = String::from_utf8_lossy(&self.buffer[..length]).trim().to_owned();
        Some(Ok((Cell { text, place }, last)))
    }

    /// Goes on to a byte, counting lines.
    fn count_to(&mut self, to: usize) {
        for (at, _) in self.source.text[self.counted..to].match_indices('\n') {
            self.line += 1;
            self.begin = self.counted + at + 1;
        }
        self.counted = to;
    }
}

/// What is wrong with the quotes of a cell.
fn fault(raw: &str) -> Option<(&'static str, &'static str)> {
    let quotes = raw.matches('"').count();
    if quotes == 0 {
        return None;
    }
    if !raw.starts_with('"') {
        let help =
            "put the whole cell in quotes, without a space before them; a quote in it is written twice";
        return Some(("a quote in a cell that does not begin with one", help));
    }
    if quotes % 2 == 1 {
        return Some(("this cell's quote is never closed", "close it; a quote in a cell is written twice"));
    }
    (!raw.trim_end().ends_with('"'))
        .then_some(("text after the quote that ends the cell", "a quote in a cell is written twice"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn all(text: &str) -> Vec<String> {
        let source = Source::new("x", text);
        let mut rows = Rows::new(&source);
        let mut told = Vec::new();
        while let Some(row) = rows.next(9) {
            match row {
                Ok(cells) => told.push(
                    cells
                        .iter()
                        .map(|c| format!("{}@{}:{}+{}", c.text, c.place.line, c.place.column, c.place.width))
                        .collect::<Vec<_>>()
                        .join(" "),
                ),
                Err(error) => told.push(format!("{}@{}", error.message, error.place.unwrap().line)),
            }
        }
        told
    }

    #[test]
    fn cells_have_their_places() {
        assert_eq!(
            all("name,mac\r\n\r\n# a\r\n a ,\r\nb,c"),
            ["name@1:1+4 mac@1:6+3", "a@4:2+1 @4:5+1", "b@5:1+1 c@5:3+1"]
        );
        assert_eq!(all("#x\n#y\nname\nü,\"b \"\"c\",d\n"), ["name@3:1+4", "ü@4:1+1 b \"c@4:4+5 d@4:11+1"]);
        assert_eq!(
            all("sep=;\nname;a,b\nx;\"1\n2\"\ny;3\n"),
            ["name@2:1+4 a,b@2:6+3", "x@3:1+1 1\n2@3:4+1", "y@5:1+1 3@5:3+1"]
        );
        assert_eq!(all("name\tmac\na\tb"), ["name@1:1+4 mac@1:6+3", "a@2:1+1 b@2:3+1"]);
        assert!(all("").is_empty() && all("# x\n\n").is_empty());
    }

    #[test]
    fn quotes_that_go_wrong_are_told() {
        for (text, told) in [
            ("name,a\nx,\"y\nz,1\n", "this cell's quote is never closed@2"),
            ("name,a\nx, \"y\"\n", "a quote in a cell that does not begin with one@2"),
            ("name,a\nx,\"y\"z\n", "text after the quote that ends the cell@2"),
        ] {
            assert_eq!(all(text).last().unwrap(), told, "{text:?}");
        }
    }
}
