//! Programs: where a PATH finds them, and what they print. Each runs for ten seconds at the most, without input.

use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(10);
const LARGEST: u64 = 256 * 1024;

/// sudo's secure_path on Rocky 8 (its sudoers).
pub const SUDO: &str = "/sbin:/bin:/usr/sbin:/usr/bin";
/// PATH of an ordinary user's login on Rocky 8 (its /etc/profile).
pub const LOGIN: &str = "/usr/local/bin:/usr/bin:/usr/local/sbin:/usr/sbin";

/// The first executable file of that name.
pub fn find(name: &str, path: &str) -> Option<String> {
    path.split(':').map(|directory| format!("{directory}/{name}")).find(|candidate| {
        fs::metadata(candidate)
            .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
    })
}

/// What a program prints to standard output, and its exit code.
///
/// # Errors
/// When it cannot be started, or does not end in time and is killed.
pub fn output(program: &str, arguments: &[&str], path: &str) -> io::Result<(String, Option<i32>)> {
    let mut child = Command::new(program)
        .args(arguments)
        .env_clear()
        .env("PATH", path)
        .env("LC_ALL", "C")
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let stdout = child.stdout.take();
    // A thread reads, so that a full pipe does not keep the program from ending; nor is the thread waited for without
    // end, since a grandchild may hold the pipe open.
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = stdout.map(|stdout| stdout.take(LARGEST).read_to_end(&mut bytes));
        let _ = sender.send(read.transpose().map(|_| bytes));
    });
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if started.elapsed() > PATIENCE {
            child.kill()?;
            child.wait()?;
            return Err(io::Error::new(
                io::ErrorKind::TimedOut,
                format!("did not end within {} s", PATIENCE.as_secs()),
            ));
        }
        thread::sleep(Duration::from_millis(1));
    };
    let left = PATIENCE.saturating_sub(started.elapsed());
    let late = |_| io::Error::new(io::ErrorKind::TimedOut, "its output did not end with it");
    let bytes = receiver.recv_timeout(left).map_err(late)??;
    Ok((String::from_utf8_lossy(&bytes).into_owned(), status.code()))
}
