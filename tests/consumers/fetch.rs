//! prepare's way to a web server: what it takes from one, what it refuses, and what it says then. curl does it, or Python
//! where there is no curl.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::TempDir;

use crate::http::{Manner, Server};
use crate::prepare::sourced_in;

/// A name that means other things in a URL.
const NAME: &str = "a file+1";
const CONTENT: &str = "built\n";

/// A host whose file of that name is missing, and the folder that a server has of its seed.
struct Host(TempDir);

impl Host {
    fn new() -> Host {
        let host = Host(tempfile::tempdir().unwrap());
        let served = format!("served/vastimg/rootfs{}", host.path("target").display());
        for directory in ["bin", "target", &served] {
            fs::create_dir_all(host.path(directory)).unwrap();
        }
        host.serves(CONTENT);
        host
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn served(&self) -> std::path::PathBuf {
        self.path("served/vastimg/rootfs").join(self.path("target").strip_prefix("/").unwrap()).join(NAME)
    }

    fn serves(&self, content: &str) {
        fs::write(self.served(), content).unwrap();
    }

    fn server(&self, manner: Manner) -> Server {
        Server::of(&self.path("served"), manner)
    }

    /// What cloud-init answers when it is asked for the source of its seed.
    fn told(&self, answer: &str) {
        let program = self.path("bin/cloud-init");
        let text = format!("#!/bin/sh\n[ \"$*\" = 'query subplatform' ] && echo '{answer}'\n");
        fs::write(&program, text).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn run(&self, snippet: &str) -> String {
        let _ = fs::remove_dir_all(self.path("work"));
        let before =
            "VASTIMG_RETRY_SECONDS=0; PATH=$PWD/bin:$PATH; find_payload() { return 1; }; chown() { :; }";
        sourced_in(self.0.path(), &format!("{before}\n{snippet}")).0
    }

    /// Ensures the file; returns what was said, with `rc=STATUS` and what is left in the directory for work.
    fn ensure(&self, url: &str, setup: &str) -> String {
        self.told(&format!("seed-dir (dmi,{url})"));
        let digest = sha256(CONTENT);
        let text = self.run(&format!(
            "{setup}\nensure_file 0755 {digest} \"$PWD/target/{NAME}\"; echo \"rc=$?\"; ls -A work"
        ));
        let listed: Vec<_> = fs::read_dir(self.path("target")).unwrap().collect();
        assert!(listed.len() <= 1, "something half-written is left: {listed:?}");
        assert!(!text.contains("\nfetched"), "the download is left: {text}");
        text
    }

    fn file(&self) -> Option<String> {
        fs::read_to_string(self.path("target").join(NAME)).ok()
    }
}

fn sha256(text: &str) -> String {
    vastimg::digest::sha256(text.as_bytes())
}

/// Both programs that can fetch.
const WAYS: [&str; 2] = [":", "command() { [ \"$2\" != curl ] && builtin command \"$@\"; }"];

#[test]
fn a_good_server_gives_the_file() {
    for way in WAYS {
        let host = Host::new();
        let server = host.server(Manner::Good);
        // cloud-init adds the slash too.
        let text = host.ensure(server.url.trim_end_matches('/'), way);
        assert!(text.contains("rc=0"), "{way}: {text}");
        assert_eq!(host.file().as_deref(), Some(CONTENT), "{text}");
        let mode = fs::metadata(host.path("target").join(NAME)).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o755);
        let asked = server.asked();
        assert_eq!(asked.len(), 1, "{asked:?}");
        assert!(
            asked[0].starts_with("vastimg/rootfs/") && asked[0].ends_with("/target/a%20file%2B1"),
            "{asked:?}"
        );
    }
}

#[test]
fn what_was_changed_is_refused_and_what_was_there_stays() {
    for way in WAYS {
        for before in [None, Some("of an older seed\n")] {
            let host = Host::new();
            host.serves("tampered\n");
            if let Some(before) = before {
                fs::write(host.path("target").join(NAME), before).unwrap();
            }
            let server = host.server(Manner::Good);
            let text = host.ensure(&server.url, way);
            assert!(text.contains("rc=1"), "{way}: {text}");
            let said = format!(
                "/a%20file%2B1: sha256 {}..., and this seed was built with {}...; nothing taken.",
                &sha256("tampered\n")[..12],
                &sha256(CONTENT)[..12]
            );
            assert!(text.contains(&said) && text.contains(&server.url), "{text}");
            assert!(text.contains("then run: sudo /usr/libexec/vastimg/prepare"), "{text}");
            assert_eq!(host.file().as_deref(), before);
            assert_eq!(server.asked().len(), 1, "another try gives the same");
        }
    }
}

#[test]
fn a_file_that_the_server_does_not_have_is_not_asked_for_again() {
    for way in WAYS {
        let host = Host::new();
        fs::remove_file(host.served()).unwrap();
        let server = host.server(Manner::Good);
        let text = host.ensure(&server.url, way);
        assert!(text.contains("rc=1") && text.contains("404"), "{way}: {text}");
        let said = "/a%20file%2B1: the server does not give this file; serve the seed's folder whole, with vastimg/ in it";
        assert!(text.contains(said), "{text}");
        assert_eq!((host.file(), server.asked().len()), (None, 1));
    }
}

#[test]
fn what_is_cut_off_is_tried_again() {
    for way in WAYS {
        let host = Host::new();
        let server = host.server(Manner::CutOff);
        let text = host.ensure(&server.url, way);
        assert!(text.contains("try 4 of 5 failed") && text.contains("rc=1"), "{way}: {text}");
        assert!(
            text.contains(": not fetched; see that the server runs and that this host reaches it"),
            "{text}"
        );
        assert_eq!((host.file(), server.asked().len()), (None, 5));

        let server = host.server(Manner::CutOffTwice);
        let text = host.ensure(&server.url, way);
        assert!(text.contains("rc=0"), "{way}: {text}");
        assert_eq!((host.file().as_deref(), server.asked().len()), (Some(CONTENT), 3));
    }
}

/// A port on which nobody listens any more.
fn away() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://127.0.0.1:{}/", listener.local_addr().unwrap().port())
}

#[test]
fn a_server_that_is_away_is_waited_for_once() {
    for way in WAYS {
        let host = Host::new();
        let text = host.ensure(&away(), way);
        assert!(text.contains("try 4 of 5 failed") && text.contains("rc=1"), "{way}: {text}");
        let twice = host.ensure(&away(), &format!("{way}\nserver_away=1"));
        assert!(twice.contains(": not fetched;") && !twice.contains("try 1 of 5"), "{twice}");
    }
}

#[test]
fn a_file_that_is_as_built_needs_no_server() {
    let host = Host::new();
    fs::write(host.path("target").join(NAME), CONTENT).unwrap();
    let server = host.server(Manner::Broken);
    let text = host.ensure(&server.url, ":");
    assert!(text.contains("rc=0"), "{text}");
    assert!(server.asked().is_empty());
}

#[test]
fn without_anything_that_fetches_it_says_so() {
    let host = Host::new();
    let server = host.server(Manner::Good);
    let text = host.ensure(
        &server.url,
        "command() { case $2 in curl | *python*) return 1 ;; *) builtin command \"$@\" ;; esac; }",
    );
    assert!(
        text.contains("there is neither curl nor Python to fetch it with") && text.contains("rc=1"),
        "{text}"
    );
    assert_eq!(host.file(), None);
}

/// What cloud-init says of its source, and the URL of a file then.
#[test]
fn the_server_is_the_one_that_cloud_init_names() {
    let host = Host::new();
    let record = "DataSourceNoCloudNet: DataSourceNoCloudNet [seed=dmi,http://a:8000/b/][dsmode=net]";
    for (told, url) in [
        ("seed-dir (dmi,http://192.0.2.1:8000/vast-01/)", "http://192.0.2.1:8000/vast-01/x/y"),
        ("seed-dir (dmi,cmdline,https://[2001:db8::1]/a)", "https://[2001:db8::1]/a/x/y"),
        ("seed-dir (cmdline,https://seeds.example/vast-01)", "https://seeds.example/vast-01/x/y"),
        ("seed-dir (cmdline,http://a/%s?host=1)", "http://a/x/y?host=1"),
        ("seed-dir (cmdline,http://a/get?host=1&file=)", "http://a/get?host=1&file=x/y"),
        (record, "http://a:8000/b/x/y"),
        ("config-disk (/dev/sr0)", "none"),
        ("seed-dir (/var/lib/cloud/seed/nocloud)", "none"),
        ("seed-dir (cmdline,file:///a/)", "none"),
    ] {
        host.told(told);
        let text = host.run("if find_server; then url_of x/y; else echo none; fi");
        assert_eq!(text.trim(), url, "{told}");
    }
    // cloud-init has not run in this boot; its record has stayed.
    fs::write(host.path("bin/cloud-init"), "#!/bin/sh\nexit 1\n").unwrap();
    fs::write(host.path("record"), record).unwrap();
    let of_record =
        "eval \"$(declare -f find_server | sed \"s|/var/lib/cloud/instance/datasource|$PWD/record|\")\"";
    assert_eq!(host.run(&format!("{of_record}\nfind_server; url_of x/y")).trim(), "http://a:8000/b/x/y");
}

#[test]
fn without_a_medium_and_without_a_server_it_says_so() {
    let host = Host::new();
    host.told("config-disk (/dev/sr0)");
    let text = host.run(&format!("ensure_file 0755 {} \"$PWD/target/x\"; echo \"rc=$?\"", sha256(CONTENT)));
    assert!(text.contains("rc=1") && text.contains("no medium of this seed"), "{text}");
    assert!(!Path::new(&host.path("target/x")).exists());
}
