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

/// What programs are still waited for: one that hangs costs ten seconds, and several are not to add up.
#[derive(Debug)]
pub struct Patience(Cell<Duration>);

impl Default for Patience {
    fn default() -> Self {
        Patience(Cell::new(2 * PATIENCE))
    }
}

/// A program that was started and whose output is still to be read. One that is let go of is killed.
#[derive(Debug)]
pub struct Running {
    child: Child,
    pipe: File,
    started: Instant,
}

impl Running {
    /// Starts a program, with nothing but a PATH in its environment.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(program: &str, arguments: &[String], path: &str) -> io::Result<Self> {
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
        let pipe = child.stdout.take().ok_or_else(|| io::Error::other("no pipe"))?;
        // The pipe once more, now one whose reader does not wait: neither a program that prints nothing nor a grandchild
        // that keeps the pipe open can hold us up, and no thread is needed.
        let pipe = OpenOptions::new()
            .read(true)
            .custom_flags(O_NONBLOCK)
            .open(format!("/proc/self/fd/{}", pipe.as_raw_fd()))?;
        Ok(Running { child, pipe, started: Instant::now() })
    }

    /// What it prints to standard output, and its exit code.
    ///
    /// # Errors
    /// When it is ended by a signal, prints too much, or does not end in time; the last two are killed.
    pub fn finish(mut self, patience: &Patience) -> io::Result<(String, i32)> {
        let (bytes, status) = self.collect(patience)?;
        let killed =
            || io::Error::other(format!("was ended by signal {}", status.signal().unwrap_or_default()));
        Ok((String::from_utf8_lossy(&bytes).into_owned(), status.code().ok_or_else(killed)?))
    }

    /// Reads until the program has ended.
    fn collect(&mut self, patience: &Patience) -> io::Result<(Vec<u8>, ExitStatus)> {
        let mut bytes = Vec::new();
        let asked = Instant::now();
        let left = patience.0.get();
        loop {
            // Asked before the pipe is emptied: what an ended program has written is all in there.
            let ended = self.child.try_wait()?;
            drain(&mut self.pipe, &mut bytes)?;
            if let Some(status) = ended {
                return Ok((bytes, status));
            }
            if self.started.elapsed() > PATIENCE || asked.elapsed() > left {
                patience.0.set(left.saturating_sub(asked.elapsed()));
                let why = format!("did not end within {} s", self.started.elapsed().as_secs());
                return Err(io::Error::new(io::ErrorKind::TimedOut, why));
            }
            thread::sleep(Duration::from_micros(200));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Not waited for: what cannot be killed would be waited for without end. One that has ended is not there to kill.
        let _ = self.child.kill();
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
