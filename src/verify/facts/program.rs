//! Programs: where a PATH finds them, and what they print. Each runs for ten seconds at the most and all that hang for
//! twenty, without input. Limits: what a killed program has started itself goes on.

use std::cell::Cell;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::root::O_NONBLOCK;

const PATIENCE: Duration = Duration::from_secs(10);
const LARGEST: usize = 256 * 1024;

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

/// What programs are still given: one that hangs costs ten seconds, and several are not to add up.
#[derive(Debug)]
pub struct Patience(Cell<Duration>);

impl Default for Patience {
    fn default() -> Self {
        Patience(Cell::new(2 * PATIENCE))
    }
}

/// What a program prints to standard output, and its exit code.
///
/// # Errors
/// When it cannot be started, is ended by a signal, prints too much, or does not end in time; the last two are killed.
pub fn output(
    program: &str,
    arguments: &[&str],
    path: &str,
    patience: &Patience,
) -> io::Result<(String, i32)> {
    if patience.0.get().is_zero() {
        return Err(io::Error::new(
            io::ErrorKind::TimedOut,
            "not started: other programs did not end in time",
        ));
    }
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
    let bytes = collect(&mut child, patience);
    if bytes.is_err() {
        let _ = child.kill();
    }
    let (bytes, status) = bytes?;
    let killed = || io::Error::other(format!("was ended by signal {}", status.signal().unwrap_or_default()));
    Ok((String::from_utf8_lossy(&bytes).into_owned(), status.code().ok_or_else(killed)?))
}

/// Reads until the program has ended.
fn collect(child: &mut Child, patience: &Patience) -> io::Result<(Vec<u8>, ExitStatus)> {
    let pipe = child.stdout.take().ok_or_else(|| io::Error::other("no pipe"))?;
    // The pipe once more, now one whose reader does not wait: neither a program that prints nothing nor a grandchild that
    // keeps the pipe open can hold us up, and no thread is needed.
    let mut pipe = OpenOptions::new()
        .read(true)
        .custom_flags(O_NONBLOCK)
        .open(format!("/proc/self/fd/{}", pipe.as_raw_fd()))?;
    let mut bytes = Vec::new();
    let started = Instant::now();
    let given = patience.0.get().min(PATIENCE);
    loop {
        // Asked before the pipe is emptied: what an ended program has written is all in there.
        let ended = child.try_wait()?;
        drain(&mut pipe, &mut bytes)?;
        if let Some(status) = ended {
            return Ok((bytes, status));
        }
        if started.elapsed() > given {
            patience.0.set(patience.0.get().saturating_sub(given));
            let why = format!("did not end within {} s", given.as_secs());
            return Err(io::Error::new(io::ErrorKind::TimedOut, why));
        }
        thread::sleep(Duration::from_micros(200));
    }
}

/// Takes what is in the pipe. A program can fill it as fast as we empty it, so that a limit also is what ends this.
fn drain(pipe: &mut File, bytes: &mut Vec<u8>) -> io::Result<()> {
    let mut buffer = [0; 4096];
    while bytes.len() < LARGEST {
        match pipe.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(read) => bytes.extend_from_slice(buffer.get(..read).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("printed more than 256 KiB"))
}
