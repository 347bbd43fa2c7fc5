//! Lines of sysctl.d files, and the two spellings of a key. Source: sysctl.d(5).

/// A line: the key as it stands there, and its value; none where the line has no `=`.
pub type Line<'a> = (&'a str, Option<&'a str>);

/// The lines of a file that are neither empty nor comments.
pub fn of(text: &str) -> impl Iterator<Item = Line<'_>> {
    text.lines().map(str::trim_ascii).filter(|line| !line.is_empty() && !line.starts_with(['#', ';'])).map(
        |line| match line.split_once('=') {
            Some((key, value)) => (key.trim_ascii(), Some(value.trim_ascii())),
            None => (line, None),
        },
    )
}

/// Keys in their dotted spelling and values, in their order: what a file of our own says, which has no globs.
pub fn assignments(text: &str) -> Vec<(String, String)> {
    of(text)
        .filter_map(|(key, value)| Some((dotted(key.strip_prefix('-').unwrap_or(key).trim()), words(value?))))
        .collect()
}

/// The dotted spelling of a key. With a slash before the first dot, slashes separate and dots are part of names.
pub fn dotted(key: &str) -> String {
    match key.find(['.', '/']) {
        Some(at) if key.as_bytes().get(at) == Some(&b'/') => swapped(key),
        _ => key.to_owned(),
    }
}

/// Dots for slashes and slashes for dots: the other spelling of a key.
pub fn swapped(key: &str) -> String {
    key.chars()
        .map(|c| match c {
            '/' => '.',
            '.' => '/',
            other => other,
        })
        .collect()
}

/// Runs of white space as one space, none at the ends: how the kernel's lists of numbers are compared.
pub fn words(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for word in value.split_whitespace() {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_a_key_are_one() {
        assert_eq!(dotted("net/ipv4/conf/eth0.100/rp_filter"), "net.ipv4.conf.eth0/100.rp_filter");
        assert_eq!(dotted("net.ipv4.conf.eth0/100.rp_filter"), "net.ipv4.conf.eth0/100.rp_filter");
        assert_eq!(dotted("swappiness"), "swappiness");
    }

    #[test]
    fn comments_prefixes_and_white_space() {
        let text = "# a = 1\n; b = 2\n-c.d =  3\t4 \nnonsense\n e/f=5\n";
        let wanted = [("c.d", "3 4"), ("e.f", "5")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        assert_eq!(assignments(text), wanted);
    }
}
