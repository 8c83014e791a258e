//! Correct tables and what the audit says of them.

mod made;

#[test]
fn papers_parse() {
    let (mut tables, mut kinds) = (0, std::collections::BTreeMap::<String, usize>::new());
    let start = std::time::Instant::now();
    for seed in 0..300 {
        let Some(paper) = made::paper(seed) else { continue };
        let toml = paper.toml();
        if let Err(e) = published::Transcription::parse("made", &toml) {
            panic!("{seed}: {e}\n{toml}");
        }
        tables += paper.tables.len();
        for about in &paper.about {
            let about = about.split_once(": ").map_or(about.as_str(), |(_, about)| about);
            *kinds.entry(about.to_owned()).or_default() += 1;
        }
        if seed < 6 { println!("{}\n{toml}", paper.about.join(", ")); }
    }
    println!("{tables} tables in {:?}\n{kinds:#?}", start.elapsed());
}
