//! Metrics through node_exporter itself: what a scrape has of the textfile collector's directory.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

use super::{cases, prometheus::samples};
use crate::cloud_init::unpacked;
use crate::tools;

/// A running one, on a port of its own choice; it ends with this value.
struct Exporter {
    child: Child,
    address: String,
    /// Held open, so that it can go on writing its log.
    _log: BufReader<ChildStderr>,
}

impl Exporter {
    fn start(directory: &Path) -> Option<Exporter> {
        let program = unpacked().join("usr/bin/prometheus-node-exporter");
        if !program.is_file() {
            tools::skipped(&format!("prometheus-node-exporter is not in {}", unpacked().display()));
            return None;
        }
        let mut command = tools::bounded(program);
        command.args(["--web.listen-address=127.0.0.1:0", "--web.disable-exporter-metrics"]);
        command.args(["--collector.disable-defaults", "--collector.textfile"]);
        command.arg(format!("--collector.textfile.directory={}", directory.display()));
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut text = String::new();
        while !text.contains("Listening on") {
            assert_ne!(log.read_line(&mut text).unwrap(), 0, "{text}");
        }
        let address = text.trim().rsplit("address=").next().unwrap().to_owned();
        Some(Exporter { child, address, _log: log })
    }

    fn scrape(&self) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET /metrics HTTP/1.0\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8(answer).unwrap()
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        // timeout(1), which it runs under, passes this signal on.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

#[test]
fn a_scrape_has_what_was_written() {
    let directory = tempfile::tempdir().unwrap();
    let Some(exporter) = Exporter::start(directory.path()) else { return };
    let file = directory.path().join("vastimg.prom");
    let (mut written, mut scraped) = (Vec::new(), Vec::new());
    for case in cases() {
        fs::write(&file, case.text("prometheus")).unwrap();
        let answer = exporter.scrape();
        assert!(answer.contains("\nnode_textfile_scrape_error 0\n"), "{}: {answer}", case.name);
        let ours = answer.split_once("\r\n\r\n").unwrap().1.split_inclusive('\n');
        scraped.push(ours.filter(|line| line.starts_with("vastimg_")).collect::<String>());
        written.push(case.text("prometheus"));
    }
    let scraped: Vec<_> = scraped.iter().map(String::as_str).collect();
    let (Some(written), Some(scraped)) = (samples(&written), samples(&scraped)) else { return };
    assert_eq!(written, scraped);
}

#[test]
fn what_is_not_clean_is_not_scraped() {
    let directory = tempfile::tempdir().unwrap();
    let Some(exporter) = Exporter::start(directory.path()) else { return };
    let file = directory.path().join("vastimg.prom");
    let good = cases()[0].text("prometheus");
    for (what, bad) in [
        ("half a file", good[..good.len() / 2 - 3].to_owned()),
        ("an open quote", good.replacen("profile=\"", "profile=\"\"", 1)),
    ] {
        fs::write(&file, bad).unwrap();
        let answer = exporter.scrape();
        assert!(answer.contains("\nnode_textfile_scrape_error 1\n"), "{what}: {answer}");
    }
    fs::write(&file, good).unwrap();
    assert!(exporter.scrape().contains("\nnode_textfile_scrape_error 0\n"));
}
