//! A web server for tests: a directory on a port of this host's own, and answers that a good server would not give.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// How a server treats the files that it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Gives them.
    Good,
    /// Hangs up half-way.
    CutOff,
    /// Hangs up half-way the first two times.
    CutOffTwice,
    /// Answers with an error of its own.
    Broken,
}

/// What a path means.
fn decoded(path: &str) -> String {
    let mut parts = path.split('%');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (code, rest) = part.split_at(2);
        text.push(char::from(u8::from_str_radix(code, 16).unwrap()));
        text += rest;
    }
    text
}

/// Serves until the test program ends.
pub struct Server {
    /// With a slash at its end.
    pub url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub fn of(directory: &Path, manner: Manner) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://127.0.0.1:{}/", listener.local_addr().unwrap().port());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (directory, log) = (directory.to_owned(), Arc::clone(&asked));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let _ = answer(stream, &directory, manner, &log);
            }
        });
        Server { url, asked }
    }

    /// The paths that were asked for.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn answer(
    mut stream: TcpStream,
    directory: &Path,
    manner: Manner,
    log: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let request = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let path = request.split(' ').nth(1).unwrap_or_default().trim_start_matches('/').to_owned();
    let times = {
        let mut asked = log.lock().unwrap_or_else(PoisonError::into_inner);
        asked.push(path.clone());
        asked.len()
    };
    let file: PathBuf = directory.join(decoded(&path));
    let (status, body) = match (manner, fs::read(file)) {
        (Manner::Broken, _) => ("500 Internal Server Error", Vec::new()),
        (_, Ok(body)) => ("200 OK", body),
        (_, Err(_)) => ("404 Not Found", b"no such file".to_vec()),
    };
    let cut = manner == Manner::CutOff || (manner == Manner::CutOffTwice && times <= 2);
    let sent = if cut { body.len() / 2 } else { body.len() };
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len())?;
    stream.write_all(body.get(..sent).unwrap_or_default())
}
