//! What an error of the template engine means to whoever wrote the template: the place, what it is about, and the names that
//! there are.

use std::borrow::Cow;
use std::sync::Arc;

use minijinja::{Error, ErrorKind};
use serde_json::Value;

use crate::diagnostic::{Diagnostic, Place, Source, nearest};

/// What escapes a value; docs/authoring.md has the same.
pub(super) const ESCAPES: &str = "`| sh` for a shell word, `| yaml` for a YAML scalar, `| comment` for text that nothing \
                                  reads but people; `| safe` where nothing can go wrong";

/// Filters of the engine that fixes use, for whoever mistypes one.
const OF_THE_ENGINE: [&str; 12] = [
    "safe", "default", "first", "int", "join", "last", "length", "lower", "replace", "sort", "trim", "upper",
];

/// An error of rendering `text` with `context`. `filters` are those that were added to the engine's own.
pub(super) fn diagnostic(
    error: &Error,
    source: &Arc<Source>,
    filters: &[&str],
    context: &Value,
) -> Diagnostic {
    let detail = error.detail().map_or_else(|| error.kind().to_string(), ToOwned::to_owned);
    let told = |words: Option<&str>, message: String| {
        let place = place(error, source, words);
        Diagnostic { place, ..Diagnostic::new(message) }
    };
    match error.kind() {
        ErrorKind::UnknownFilter => {
            let name = between(&detail, "filter ", " is unknown").unwrap_or_default();
            let known = || filters.iter().copied().chain(OF_THE_ENGINE);
            let help = match nearest(name, known()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("{ESCAPES}; others are {}", OF_THE_ENGINE[1..].join(", ")),
            };
            told(Some(name), format!("no filter is named `{name}`")).help(help)
        }
        // What an undefined name was used for says less than the name.
        _ if detail.contains(UNDEFINED) || error.kind() == ErrorKind::UndefinedError => {
            let name = between(&detail, "`", UNDEFINED).or_else(|| filtered(error, source));
            let named = name.map_or_else(|| "a name".to_owned(), |name| format!("`{name}`"));
            let help = name.and_then(|name| hyphen_help(name, source).or_else(|| fixes_help(name, context)));
            let help = help.unwrap_or_else(|| names_help(name.unwrap_or_default(), context));
            told(name, format!("{named} is not defined")).help(help)
        }
        ErrorKind::BadEscape if detail.ends_with(NO_TEXT) => {
            told(None, detail).help("`| join(\" \")` makes a list text, which needs a filter too")
        }
        ErrorKind::BadEscape => told(None, detail).help(ESCAPES),
        _ => told(None, detail),
    }
}

/// What a filter was given, as text; a number is harmless in any place.
pub(super) fn text(value: &minijinja::Value) -> Result<Cow<'_, str>, Error> {
    match value.as_str() {
        Some(text) => Ok(Cow::Borrowed(text)),
        None if value.is_undefined() => Err(Error::from(ErrorKind::UndefinedError)),
        None if value.is_number() => Ok(Cow::Owned(value.to_string())),
        None => Err(Error::new(ErrorKind::BadEscape, format!("the value {value:?} {NO_TEXT}"))),
    }
}

const NO_TEXT: &str = "is not text";

/// What stands before the filter that an error is about.
fn filtered<'a>(error: &Error, source: &'a Source) -> Option<&'a str> {
    let before = source.text.get(..error.range()?.start)?.trim_end().strip_suffix('|')?;
    before.rsplit(['{', '(', '|']).next().map(str::trim).filter(|name| !name.is_empty())
}

/// As the engine ends its sentence on an undefined name.
const UNDEFINED: &str = "` is undefined";

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (rest, _) = text.split_once(after)?;
    rest.rsplit_once(before).map(|(_, name)| name)
}

/// Where the engine says, narrowed to `words` where those are there.
fn place(error: &Error, source: &Arc<Source>, words: Option<&str>) -> Option<Place> {
    let text = source.text.as_str();
    let range = error.range().filter(|range| text.get(range.clone()).is_some_and(|part| !part.is_empty()));
    let Some(range) = range else {
        let line = error.line()?;
        let width = text.lines().nth(line - 1).map_or(1, |line| line.chars().count());
        return Some(Place { source: Arc::clone(source), line, column: 1, width });
    };
    // An error of a filter is at the filter, and what it was given stands before that.
    let line = text[..range.start].rfind('\n').map_or(0, |end| end + 1);
    let (start, part) = match words.and_then(|words| Some((last_word(&text[line..range.end], words)?, words)))
    {
        Some((at, words)) => (line + at, words),
        None => (range.start, text[range].lines().next().unwrap_or_default()),
    };
    let before = &text[..start];
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let line = before.matches('\n').count() + 1;
    Some(Place { source: Arc::clone(source), line, column, width: part.chars().count().max(1) })
}

/// Where a text has some words last, not as a part of longer ones.
fn last_word(text: &str, words: &str) -> Option<usize> {
    // The engine writes all quotes as single ones.
    let text = text.replace('"', "'");
    let inside = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = text.rmatch_indices(words).filter(|_| !words.is_empty());
    found.find_map(|(at, _)| {
        let (before, after) = (text[..at].chars().next_back(), text[at + words.len()..].chars().next());
        (!before.is_some_and(inside) && !after.is_some_and(inside)).then_some(at)
    })
}

/// The help for a name below `fixes`; none for any other.
fn fixes_help(name: &str, context: &Value) -> Option<String> {
    let rest = name.strip_prefix("fixes").filter(|rest| rest.starts_with(['.', '[']))?;
    let fixes = context.get("fixes")?.as_object()?;
    let bare = rest.trim_start_matches(['.', '[', '"', '\'']);
    let (id, value) = bare.split_once(['"', '\'', '.']).unwrap_or((bare, ""));
    if let Some(values) = fixes.get(id).and_then(Value::as_object) {
        let value = value.trim_matches(|c: char| !c.is_alphanumeric() && c != '_');
        let names = || values.keys().map(String::as_str);
        return Some(match nearest(value, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if values.is_empty() => format!("{id} has no values"),
            None => format!("{id} has {}", names().collect::<Vec<_>>().join(", ")),
        });
    }
    let ids = || fixes.keys().map(String::as_str);
    Some(match nearest(id, ids()) {
        Some(near) => format!("did you mean `fixes[\"{near}\"]`?"),
        None => format!("write fixes[\"ID\"].VALUE; the fixes are {}", ids().collect::<Vec<_>>().join(", ")),
    })
}

/// The help where `fixes.fd-limits` was taken for `fixes.fd` minus `limits`.
fn hyphen_help(name: &str, source: &Source) -> Option<String> {
    let minus = format!("-{}", name.rsplit('.').next().unwrap_or(name));
    let taken = source.text.split("fixes.").skip(1).any(|rest| {
        let path =
            rest.split(|c: char| !(c.is_alphanumeric() || "-_.".contains(c))).next().unwrap_or_default();
        path.contains(&minus) || path.starts_with(&format!("{}-", minus.trim_start_matches('-')))
    });
    taken.then(|| "a hyphen is a minus there: write fixes[\"ID\"].VALUE".to_owned())
}

fn names_help(name: &str, context: &Value) -> String {
    let names: Vec<&str> =
        context.as_object().map(|all| all.keys().map(String::as_str).collect()).unwrap_or_default();
    match nearest(name, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if names.is_empty() => "nothing is defined here".to_owned(),
        None => format!("a template here knows {}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::plan::Templates;

    fn told(text: &str) -> String {
        let context = json!({
            "nofile": 1, "motd": "a b", "words": ["a"], "user": "centos", "fixes": {"fd-limits": {"nofile": 1}},
        });
        let templates = Templates::new().map_err(|error| error.to_string());
        match templates.and_then(|t| t.render("t.j2", text, &context).map_err(|error| format!("{error:#}"))) {
            Ok(text) | Err(text) => text,
        }
    }

    #[test]
    fn every_fault_has_its_place_and_a_way_out() {
        let all = [
            "a\nb = {{ nofil }}\n",
            "é {{ xyzxyz | sh }}",
            "{% if user == 'centos' and zz > 3 %}{% endif %}",
            "{{ fixes[\"fd-limit\"].nofile }}",
            "{{ fixes[\"fd-limits\"].nofil }}",
            "{{ fixes.fd-limits.nofile }}",
            "{{ motd | shh }}",
            "{{ motd | quotedly }}",
            "a {{ motd }}",
            "a {{ words }}",
            "{{ motd | sh }\n",
            "{% if motd %}\nx\n",
            "{{ nofile | sh }}",
        ];
        insta::assert_snapshot!(all.map(told).join("\n\n"), @r#"
        `nofil` is not defined
          --> t.j2:2:8
           |
         2 | b = {{ nofil }}
           |        ^^^^^
           = help: did you mean `nofile`?

        `xyzxyz` is not defined
          --> t.j2:1:6
           |
         1 | é {{ xyzxyz | sh }}
           |      ^^^^^^
           = help: a template here knows fixes, motd, nofile, user, words

        `zz` is not defined
          --> t.j2:1:28
           |
         1 | {% if user == 'centos' and zz > 3 %}{% endif %}
           |                            ^^
           = help: a template here knows fixes, motd, nofile, user, words

        `fixes['fd-limit']` is not defined
          --> t.j2:1:4
           |
         1 | {{ fixes["fd-limit"].nofile }}
           |    ^^^^^^^^^^^^^^^^^
           = help: did you mean `fixes["fd-limits"]`?

        `fixes['fd-limits'].nofil` is not defined
          --> t.j2:1:4
           |
         1 | {{ fixes["fd-limits"].nofil }}
           |    ^^^^^^^^^^^^^^^^^^^^^^^^
           = help: did you mean `nofile`?

        `limits` is not defined
          --> t.j2:1:13
           |
         1 | {{ fixes.fd-limits.nofile }}
           |             ^^^^^^
           = help: a hyphen is a minus there: write fixes["ID"].VALUE

        no filter is named `shh`
          --> t.j2:1:11
           |
         1 | {{ motd | shh }}
           |           ^^^
           = help: did you mean `sh`?

        no filter is named `quotedly`
          --> t.j2:1:11
           |
         1 | {{ motd | quotedly }}
           |           ^^^^^^^^
           = help: `| sh` for a shell word, `| yaml` for a YAML scalar, `| comment` for text that nothing reads but people; `| safe` where nothing can go wrong; others are default, first, int, join, last, length, lower, replace, sort, trim, upper

        the value 'a b' needs a filter that makes it fit for its place
          --> t.j2:1:6
           |
         1 | a {{ motd }}
           |      ^^^^
           = help: `| sh` for a shell word, `| yaml` for a YAML scalar, `| comment` for text that nothing reads but people; `| safe` where nothing can go wrong

        the value ['a'] is not text
          --> t.j2:1:6
           |
         1 | a {{ words }}
           |      ^^^^^
           = help: `| join(" ")` makes a list text, which needs a filter too

        unexpected `}`, expected end of variable block
          --> t.j2:1:14
           |
         1 | {{ motd | sh }
           |              ^

        unexpected end of input, expected end of block
          --> t.j2:1:14
           |
         1 | {% if motd %}
           |              ^

        '1'
        "#);
    }
}
