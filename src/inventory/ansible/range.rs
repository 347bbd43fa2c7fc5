//! Names of hosts with ranges in them: `vast-[01:40].example.com`, `rack-[a:c]-[1:9:2]`.
//!
//! Source: Ansible's guide "How to build your inventory", and what its `expand_hostname_range` takes and refuses.

/// Every name that a pattern stands for, at most `most`; otherwise what is wrong with it.
pub(super) fn expand(pattern: &str, most: usize) -> Result<Vec<String>, String> {
    let mut names = vec![String::new()];
    let mut rest = without_port(pattern);
    while let Some((before, after)) = rest.split_once('[') {
        let Some((range, after)) = after.split_once(']') else {
            return Err("a range begins and does not end".to_owned());
        };
        let items = items(range, most)?;
        if names.len().saturating_mul(items.len()) > most {
            return Err(format!("it stands for more than {most} hosts"));
        }
        let with =
            |name: &String| items.iter().map(|item| format!("{name}{before}{item}")).collect::<Vec<_>>();
        names = names.iter().flat_map(with).collect();
        rest = after;
    }
    names.iter_mut().for_each(|name| name.push_str(rest));
    Ok(names)
}

/// Ansible takes `host:22`.
fn without_port(pattern: &str) -> &str {
    match pattern.rsplit_once(':') {
        Some((host, port))
            if !host.is_empty()
                && !port.is_empty()
                && port.bytes().all(|b| b.is_ascii_digit())
                && !host.ends_with(':')
                && host.parse::<std::net::IpAddr>().is_err()
                && host.matches(':').count() == host.matches('[').count() * host.matches(':').count() =>
        {
            host
        }
        _ => pattern,
    }
}

fn items(range: &str, most: usize) -> Result<Vec<String>, String> {
    let parts: Vec<&str> = range.split(':').collect();
    let (from, to, step) = match parts[..] {
        [from, to] => (from, to, "1"),
        [from, to, step] => (from, to, step),
        _ => return Err(format!("[{range}] is no range")),
    };
    let from = if from.is_empty() { "0" } else { from };
    let step = match step.parse::<usize>() {
        Ok(step) if step > 0 => step,
        _ => return Err(format!("{step:?} is no step of a range")),
    };
    let letter = |text: &str| {
        let mut chars = text.chars();
        chars.next().filter(|c| c.is_ascii_alphabetic() && chars.next().is_none())
    };
    // Small letters come before capitals.
    let rank = |c: char| (c.is_ascii_uppercase(), c);
    if let (Some(from), Some(to)) = (letter(from), letter(to)) {
        if rank(from) > rank(to) {
            return Err(format!("[{range}] goes backwards"));
        }
        let all = ('a'..='z').chain('A'..='Z').filter(|c| rank(*c) >= rank(from) && rank(*c) <= rank(to));
        return Ok(all.step_by(step).map(String::from).collect());
    }
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let number = |text: &str| text.parse::<u64>().ok().filter(|_| digits(text));
    let (Some(first), Some(last)) = (number(from), number(to)) else {
        return Err(format!("[{range}] is no range"));
    };
    let padded = from.len() > 1 && from.starts_with('0');
    if padded && from.len() != to.len() {
        return Err(format!("[{range}] begins with zeros, and its ends are not of one length"));
    }
    if first > last {
        return Err(format!("[{range}] goes backwards"));
    }
    if last - first >= (most as u64).saturating_mul(step as u64) {
        return Err(format!("it stands for more than {most} hosts"));
    }
    let width = if padded { from.len() } else { 0 };
    Ok((first..=last).step_by(step).map(|number| format!("{number:0width$}")).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::expand;

    #[test]
    fn ranges_are_ansibles() {
        for (pattern, names) in [
            ("vast-01", "vast-01"),
            ("vast-01:2222", "vast-01"),
            ("v-[08:10].example.com", "v-08.example.com v-09.example.com v-10.example.com"),
            ("v-[8:10]", "v-8 v-9 v-10"),
            ("v-[:2]", "v-0 v-1 v-2"),
            ("v-[1:9:3]", "v-1 v-4 v-7"),
            ("[a:c]-[1:2]", "a-1 a-2 b-1 b-2 c-1 c-2"),
            ("[y:B]", "y z A B"),
            ("v-[01:02]:22", "v-01 v-02"),
        ] {
            assert_eq!(expand(pattern, 99).unwrap().join(" "), names, "{pattern}");
        }
        for pattern in [
            "v-[1:",
            "v-[1]",
            "v-[1,2]",
            "v-[01:100]",
            "v-[3:1]",
            "v-[c:a]",
            "v-[1:2:0]",
            "v-[1:1000]",
            "[1:20][1:20]",
        ] {
            assert!(expand(pattern, 99).is_err(), "{pattern}");
        }
    }
}
