//! scratch
fn main() {
    for path in std::env::args().skip(1) {
        match lstm_exchange::check(path.as_ref()) {
            Err(e) => println!("{path}: {e}"),
            Ok(r) => {
                println!("{path}: {} ok={}", r.format, r.is_ok());
                for row in r
                    .rows
                    .iter()
                    .filter(|r| std::env::var("V").is_ok() || !r.finding.is_ok())
                {
                    println!("   {} {:?}", row.tensor, row.finding);
                }
                for m in r.explanations {
                    println!("   agrees if {m}");
                }
            }
        }
    }
}
