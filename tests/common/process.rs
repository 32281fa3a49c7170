//! Running one test of this binary again in a process of its own.

use std::process::{Command, Stdio};

const ROLE: &str = "ROOMSEAL_TEST_ROLE";

/// What the process that runs a test again is told to be; `None` in the first one.
pub(crate) fn role() -> Option<String> {
    std::env::var(ROLE).ok()
}

/// A command that runs the test called `test` in a new process, where [`role`]
/// is `role`. The test harness writes to standard output, so the process
/// answers on standard error, which is a pipe.
pub(crate) fn again(test: &str, role: &str) -> Command {
    let binary = std::env::current_exe().expect("the test binary has a path");
    // An emulator, where this process runs in one: the system knows nothing of it.
    let mut command = match std::env::var("ROOMSEAL_TEST_RUNNER") {
        Ok(runner) => {
            let mut words = runner.split_whitespace();
            let mut command = Command::new(words.next().expect("a program"));
            command.args(words).arg(binary);
            command
        }
        Err(_) => Command::new(binary),
    };
    command
        .args([test, "--exact", "--include-ignored", "--nocapture"])
        .env(ROLE, role)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}
