//! The `panelproof` binary.

fn main() -> std::process::ExitCode {
    replicate::cli::main()
}
