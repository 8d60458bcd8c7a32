//! Builds the daemon anew when a file of the dashboard comes or goes: the embedding macro only sees those it knows.

#![expect(clippy::print_stdout, reason = "this is how a build script speaks to cargo")]

fn main() {
    println!("cargo:rerun-if-changed=../dashboard-assets");
}
