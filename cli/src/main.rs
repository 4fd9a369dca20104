//! The `bottega` command.
//!
//! Exit codes: 0 all is done, 1 a check found something, 2 an error. Data goes to stdout, talk to
//! stderr. One file for each command in `commands`.

mod commands;
mod cpu;
mod failure;
mod global;
mod output;
mod progress;
mod recipe_args;

use std::process::ExitCode;

use clap::Parser;

use crate::commands::{Command, Outcome};

/// Makes and checks datasets of people who do not exist, with the exact truth of every pixel
#[derive(Debug, Parser)]
#[command(name = "bottega", version, max_term_width = 100)]
struct Args {
    #[command(subcommand)]
    command: Command,

    #[command(flatten)]
    global: global::GlobalArgs,
}

fn main() -> ExitCode {
    let missing = cpu::missing_features();
    if !missing.is_empty() {
        eprintln!("error: this processor lacks {}", missing.join(", "));
        eprintln!(
            "  hint: bottega needs {}; x86-64 since 2015 has it",
            cpu::BASELINE
        );
        return ExitCode::from(2);
    }
    let args = Args::parse();
    let outcome = args
        .global
        .apply()
        .and_then(|()| commands::run(args.command, &args.global));
    match outcome {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Found) => ExitCode::from(1),
        Err(err) if failure::is_reader_gone(&err) => ExitCode::SUCCESS,
        Err(err) => {
            eprintln!("{}", failure::describe(&err));
            ExitCode::from(2)
        }
    }
}
