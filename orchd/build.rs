//! Builds the daemon anew when a file of the dashboard comes or goes: the embedding macro only sees those it knows.

fn main() {
    println!("cargo:rerun-if-changed=../dashboard-assets");
}
