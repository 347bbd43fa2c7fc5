//! What a person writes, as `vastimg validate` looks at it: the first letter of the input says what it is.
#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use vastimg::catalogue::Catalogue;
use vastimg::diagnostic::Source;
use vastimg::validation::{Kind, Options, examine_text};
use vastimg_fuzz::Host;

static TARGET: LazyLock<(Host, Options)> = LazyLock::new(|| {
    let catalogue = Catalogue::load(None).expect("the built-in catalogue");
    (Host::new(&[]), Options { catalogue, kind: None, memory: Some(120 << 20) })
});

fuzz_target!(|data: &[u8]| {
    let (host, options) = &*TARGET;
    let Some((kind, bytes)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let kind = match kind {
        b'U' => Kind::UserData,
        b'K' => Kind::Kickstart,
        b'I' => Kind::Inventory,
        b'N' => Kind::NetworkConfig,
        b'P' => Kind::Profile,
        _ => return,
    };
    let path = host.directory.join("profile.yaml");
    if kind == Kind::Profile {
        host.write("/profile.yaml", bytes);
    }
    let source: Arc<Source> = Source::new(path.to_str().expect("UTF-8"), text);
    for one in examine_text(kind, &source, options) {
        let told = one.to_string();
        assert!(!told.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')), "{told:?}");
        if let Some(place) = one.place.filter(|place| place.source.name == source.name) {
            // To YAML a carriage return alone ends a line, too.
            let lines = text.matches(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']).count() + 1;
            assert!(place.line >= 1 && place.line <= lines + 1, "{}:{}", place.line, place.column);
        }
    }
});
