//! The syntax of unit files and of system.conf. Source: conf-parser.c of systemd 239.

use std::str;

const SPACE: [char; 4] = [' ', '\t', '\n', '\r'];
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Hands section, key and value of every assignment to `each`, and tells whether the file was read to its end: a header
/// without its bracket, a line without `=` and one that is not UTF-8 end it, and what came before them counts.
///
/// What stands in a section that is not `known` is passed over; where none is named, all are.
pub(super) fn parse(bytes: &[u8], known: &[&str], each: &mut dyn FnMut(&str, &str, &str)) -> bool {
    let mut section: Option<String> = None;
    let mut joined: Vec<u8> = Vec::new();
    let mut marked = false;
    let mut rest = bytes.split(|byte| matches!(byte, b'\n' | 0)).peekable();
    while let Some(mut line) = rest.next() {
        if let Some(behind) = line.strip_prefix(BYTE_ORDER_MARK).filter(|_| !marked) {
            (line, marked) = (behind, true);
        }
        joined.extend_from_slice(line);
        // Backslashes escape each other in pairs.
        let escaped = line.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1;
        if escaped {
            joined.pop();
            joined.push(b' ');
            if rest.peek().is_some() {
                continue;
            }
        }
        if !assignment(&joined, known, &mut section, each) {
            return false;
        }
        joined.clear();
    }
    true
}

fn assignment(
    line: &[u8],
    known: &[&str],
    section: &mut Option<String>,
    each: &mut dyn FnMut(&str, &str, &str),
) -> bool {
    let line = line.trim_ascii();
    if line.first().is_none_or(|first| matches!(first, b'#' | b';')) {
        return true;
    }
    let Ok(line) = str::from_utf8(line) else { return false };
    if let Some(header) = line.strip_prefix('[') {
        let Some(name) = header.strip_suffix(']') else { return false };
        *section = (known.is_empty() || known.contains(&name)).then(|| name.to_owned());
        return true;
    }
    if section.is_none() && !known.is_empty() {
        return true;
    }
    let Some((key, value)) = line.split_once('=') else { return false };
    each(section.as_deref().unwrap_or_default(), key.trim_matches(SPACE), value.trim_matches(SPACE));
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &[u8]) -> (Vec<String>, bool) {
        let mut found = Vec::new();
        let whole = parse(text, &["Unit", "Service"], &mut |section, key, value| {
            found.push(format!("{section}.{key}={value}"));
        });
        (found, whole)
    }

    #[test]
    fn sections_comments_and_continuations() {
        let text = b"\xef\xbb\xbfLost=1\n[Service]\n# A=1\n ; B=1\n C = 1 \\\n  2\\\\\n[X-Mine]\nD=1\nno equals sign\n[Unit]\nE=a=b\n";
        let (found, whole) = read(text);
        assert_eq!(found, ["Service.C=1    2\\\\", "Unit.E=a=b"]);
        assert!(whole);
        // Up to systemd 245 a comment goes on behind a backslash.
        assert_eq!(read(b"[Unit]\n# a \\\nA=1\nB=2\n").0, ["Unit.B=2"]);
        assert_eq!(read(b"[Unit]\nA=1 \\").0, ["Unit.A=1"]);
    }

    #[test]
    fn what_ends_a_file() {
        for end in [&b"[Service"[..], b"no equals sign", b"A=\xff", b"[Service] # comment"] {
            let text = [b"[Unit]\nA=1\n", end, b"\nB=2\n"].concat();
            assert_eq!(read(&text), (vec!["Unit.A=1".to_owned()], false), "{text:?}");
        }
        assert!(read(b"[Unit]\n# \xff\nA=1\n").1);
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            read(&bytes);
        }

        /// What a comment holds, and how much white space there is, makes no difference.
        #[test]
        fn comments_and_space_do_not_count(
            values in proptest::collection::vec("[a-z0-9]{1,5}", 1..6),
            noise in "[#;][ -\\[\\]-~]{0,20}",
        ) {
            let plain: String = values.iter().map(|value| format!("A={value}\n")).collect();
            let noisy: String = values.iter().map(|value| format!("  A \t=  {value}\t\n{noise}\n\n")).collect();
            let read = |text: String| read(format!("[Unit]\n{text}").as_bytes());
            prop_assert_eq!(read(plain), read(noisy));
        }
    }
}
