//! `bottega-train`: what needs LibTorch; `bottega train` and its kin start it.

fn main() {
    println!("{}", tch::Cuda::is_available());
}
