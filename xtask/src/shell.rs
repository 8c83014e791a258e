//! Where the workspace lies, and how processes are started in it.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus};

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    let member = Path::new(env!("CARGO_MANIFEST_DIR"));
    member.parent().unwrap_or(member).to_path_buf()
}

/// The target directory in use: this program is `<target>/<profile>/xtask`.
pub(crate) fn target() -> Result<PathBuf, String> {
    let program = std::env::current_exe().map_err(|e| format!("no path of this program: {e}"))?;
    match program.ancestors().nth(2) {
        Some(target) => Ok(target.to_path_buf()),
        None => Err(format!("{} is in no target directory", program.display())),
    }
}

/// A command that runs at the root of the workspace, wherever the caller stands.
pub(crate) fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    command
}

/// The `cargo` that started this program, or the one on the path.
pub(crate) fn cargo() -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// `panelproof`, built if need be.
///
/// No `-p`: with one package selected its dependencies get fewer features than `cargo test
/// --workspace` gave them, and polars is compiled a second time.
pub(crate) fn panelproof() -> Command {
    let mut cargo = cargo();
    cargo.args(["run", "--quiet", "--bin", "panelproof", "--"]);
    cargo
}

/// Runs to the end and passes the exit status on.
pub(crate) fn status(command: &mut Command) -> Result<ExitCode, String> {
    let status = command.status().map_err(|e| unstarted(command, &e))?;
    Ok(code(status))
}

/// Runs to the end; a failure is an error that names the program.
pub(crate) fn success(command: &mut Command) -> Result<(), String> {
    let status = command.status().map_err(|e| unstarted(command, &e))?;
    if status.success() {
        return Ok(());
    }
    Err(format!("`{}` failed: {status}", command.get_program().display()))
}

/// What to say when a program does not start.
pub(crate) fn unstarted(command: &Command, error: &std::io::Error) -> String {
    format!("`{}` does not start: {error}", command.get_program().display())
}

/// An exit status as this program's own; a process that was killed counts as 2.
fn code(status: ExitStatus) -> ExitCode {
    ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(2))
}

/// Refuses arguments that a task does not know.
pub(crate) fn no_more(args: &[String]) -> Result<(), String> {
    match args.first() {
        None => Ok(()),
        Some(arg) => Err(format!("no argument `{arg}` here; `cargo xtask --help` lists them")),
    }
}
