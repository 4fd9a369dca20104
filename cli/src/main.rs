//! The `bottega` command.

fn main() {}
