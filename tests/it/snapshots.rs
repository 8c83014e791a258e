//! Did anything move? Every rendered table with its verdicts, as the program prints it.

use report::render::Style;
use report::replication::text;

use crate::fixtures;

#[test]
fn rendered_tables() {
    let fixtures = fixtures();
    for key in replicate::keys(&fixtures).expect("studies") {
        let replication =
            replicate::replicate(&fixtures, std::slice::from_ref(&key)).expect("the study runs");
        insta::assert_snapshot!(key, text(&replication, Style::Plain));
    }
}
