//! Templates: minijinja with undefined names refused, and with values that must say how they are escaped.
//!
//! A value that is more than letters, digits and `._/:@=+,-` is refused unless a filter made it fit for its place:
//!
//! | filter | for |
//! |---|---|
//! | `sh` | a shell word, in single quotes |
//! | `word` | the same for a person to read: quoted only where it must be |
//! | `powershell` | a PowerShell string, in single quotes |
//! | `commas` | a value in an option list of QEMU, which ends at a single comma; the list needs a filter of its own |
//! | `yaml` | a YAML scalar, in double quotes |
//! | `yaml_content(n)` | the `content:` of write_files, as a literal block where it can be one |
//! | `ks` | a word of a kickstart command, which is split as a shell's: quoted only where it must be |
//! | `comment` | the rest of a `#` line |
//!
//! So a forgotten filter fails when the seed is built, and not on the VM. Sources: POSIX shell 2.2.2 (single quotes),
//! YAML 1.1 5.1 and 5.7 as PyYAML, cloud-init's parser, reads it; PowerShell's about_Quoting_Rules and its tokenizer, which
//! takes four typographic quotes for single ones; QEMU's qemu-options (commas).

use std::fmt::Write as _;

use anyhow::{Context, Result};
use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value};
use serde::Serialize;

use super::fault;
use crate::diagnostic::{Diagnostics, Source};

/// The filters of the table above.
const FILTERS: [&str; 8] = ["sh", "word", "powershell", "commas", "yaml", "yaml_content", "ks", "comment"];

/// What makes a text fit for its place.
type Escape = fn(&str) -> String;

/// The environment in which everything is rendered.
#[derive(Debug)]
pub struct Templates(Environment<'static>);

impl Templates {
    /// The environment, with all filters.
    ///
    /// # Errors
    /// When the engine refuses our delimiters, which none of its versions should.
    pub fn new() -> Result<Self> {
        // Shell has ${#name}, which must not begin a comment.
        let syntax = SyntaxConfig::builder()
            .comment_delimiters("{%#", "#%}")
            .keep_trailing_newline(true)
            .build()
            .context("setting up templates")?;
        let mut env = Environment::new();
        env.set_undefined_behavior(UndefinedBehavior::Strict);
        // Errors then know what is undefined, and where it stands.
        env.set_debug(true);
        env.set_syntax(syntax);
        env.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        env.set_formatter(escaped_or_harmless);
        let escapes: [(&str, Escape); 6] = [
            ("sh", shell_word),
            ("ks", readable_word),
            ("word", readable_word),
            ("powershell", powershell_string),
            ("yaml", yaml_scalar),
            ("comment", |text| text.replace(|c: char| c.is_control(), " ")),
        ];
        for (name, escape) in escapes {
            env.add_filter(name, move |value: &Value| {
                fault::text(value).map(|text| Value::from_safe_string(escape(&text)))
            });
        }
        env.add_filter("commas", |text: &str| text.replace(',', ",,"));
        env.add_filter("yaml_content", |text: &str, indent: usize| {
            Value::from_safe_string(yaml_content(text, indent))
        });
        Ok(Templates(env))
    }

    /// Renders `text`, which errors call `name`.
    ///
    /// # Errors
    /// Where the template is malformed, names something unknown, or leaves a value unescaped: as [`Diagnostics`].
    pub fn render(&self, name: &str, text: &str, context: impl Serialize) -> Result<String> {
        let rendered = self.0.render_named_str(name, text, minijinja::value::Serde(&context));
        rendered.map_err(|error| {
            let (source, context) =
                (Source::new(name, text), serde_json::to_value(&context).unwrap_or_default());
            Diagnostics::from(fault::diagnostic(&error, &source, &FILTERS, &context)).into()
        })
    }
}

fn escaped_or_harmless(out: &mut Output<'_>, _: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    if value.is_undefined() {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    match value.as_str() {
        Some(text) if value.is_safe() || text.chars().all(harmless) => {
            write!(out, "{text}").map_err(Error::from)
        }
        None if value.is_number() => write!(out, "{value}").map_err(Error::from),
        None if value.as_object().is_some() => fault::text(value).map(drop),
        _ => Err(Error::new(
            ErrorKind::BadEscape,
            format!("the value {value:?} needs a filter that makes it fit for its place"),
        )),
    }
}

/// What no place takes for anything but itself.
fn harmless(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._/:@=+,-".contains(c)
}

/// In single quotes, in which a shell reads nothing specially.
fn shell_word(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// As it is where that is safe, for the sake of whoever reads it.
fn readable_word(text: &str) -> String {
    if !text.is_empty() && text.chars().all(harmless) { text.to_owned() } else { shell_word(text) }
}

/// In single quotes, in which PowerShell reads nothing specially but what it takes for a single quote.
fn powershell_string(text: &str) -> String {
    let mut out = String::from("'");
    for c in text.chars() {
        out.push(c);
        if matches!(c, '\'' | '\u{2018}'..='\u{201b}') {
            out.push(c);
        }
    }
    out.push('\'');
    out
}

/// In double quotes, with everything but printable ASCII as an escape.
fn yaml_scalar(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        let _ = match c {
            '"' | '\\' => write!(out, "\\{c}"),
            '\n' => write!(out, "\\n"),
            ' '..='~' => write!(out, "{c}"),
            _ if u32::from(c) > 0xffff => write!(out, "\\U{:08x}", u32::from(c)),
            _ => write!(out, "\\u{:04x}", u32::from(c)),
        };
    }
    out.push('"');
    out
}

/// `content: |` and the text, or a quoted scalar where a literal block would not give back the same bytes.
fn yaml_content(text: &str, indent: usize) -> String {
    let pad = " ".repeat(indent);
    let readable = |c: char| {
        matches!(c, '\t' | '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
            && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
    };
    let plain_start = text.chars().next().is_some_and(|c| !c.is_whitespace());
    let plain_end = text.ends_with('\n') && !text.ends_with("\n\n");
    if !(plain_start && plain_end && text.chars().all(readable)) {
        return format!("{pad}content: {}", yaml_scalar(text));
    }
    let mut out = format!("{pad}content: |");
    for line in text.lines() {
        out.push('\n');
        if !line.is_empty() {
            out.push_str(&pad);
            out.push_str("  ");
            out.push_str(line);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_could_break_out_needs_a_filter() -> Result<()> {
        let templates = Templates::new()?;
        let context = [("v", "x; rm -rf /")].into_iter().collect::<std::collections::BTreeMap<_, _>>();
        let error = templates.render("t", "echo {{ v }}", &context).map_err(|e| format!("{e:#}"));
        assert!(error.is_err_and(|text| text.contains("needs a filter")));
        let rendered = templates.render("t", "echo {{ v | sh }}", &context).ok();
        assert_eq!(rendered.as_deref(), Some("echo 'x; rm -rf /'"));
        Ok(())
    }

    #[test]
    fn an_unknown_name_is_refused_with_its_line() -> Result<()> {
        let error = Templates::new()?.render("t.j2", "a\n{{ nofil }}\n", ()).map_err(|e| format!("{e:#}"));
        assert!(error.is_err_and(|text| text.starts_with("`nofil` is not defined\n  --> t.j2:2:4\n")));
        Ok(())
    }

    #[test]
    fn literal_blocks_are_used_only_where_they_give_the_same_text_back() {
        assert_eq!(yaml_content("a\n\n b\n", 2), "  content: |\n    a\n\n     b");
        assert_eq!(yaml_content(" a\n", 0), r#"content: " a\n""#);
        assert_eq!(yaml_content("a", 0), r#"content: "a""#);
        assert_eq!(yaml_content("a\n\n", 0), r#"content: "a\n\n""#);
        assert_eq!(yaml_content("a\u{2028}b\n", 0), r#"content: "a\u2028b\n""#);
        assert_eq!(yaml_content("", 0), r#"content: """#);
    }

    #[test]
    fn quotes_for_shells_and_for_yaml() {
        assert_eq!(readable_word("a,b=c"), "a,b=c");
        assert_eq!(readable_word("~a"), "'~a'");
        assert_eq!(powershell_string("it's $x \u{2019} \u{201c}"), "'it''s $x \u{2019}\u{2019} \u{201c}'");
        assert_eq!(shell_word("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(yaml_scalar("a\"b\\c\u{7f}\u{e9}\u{1f600}"), r#""a\"b\\c\u007f\u00e9\U0001f600""#);
    }
}
