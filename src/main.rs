//! The `lockgate` command: hands its arguments to the library's command line and exits with its answer.

fn main() -> std::process::ExitCode {
    lockgate::main()
}
