//! The command-line tool as a user meets it.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn tool() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roomseal"));
    // Whatever the developer's own terminal asks for.
    for name in ["CLICOLOR_FORCE", "CLICOLOR", "NO_COLOR"] {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    command
}

fn run(args: &[&str]) -> Output {
    tool().args(args).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    core::str::from_utf8(bytes).unwrap()
}

/// Standard output of a run that must end with this status and complain about nothing.
#[track_caller]
fn stdout(output: &Output, status: i32) -> &str {
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(status), "{out}\n{err}");
    assert_eq!(err, "");
    out
}

/// Standard error of a run that must refuse its input, and print nothing else.
#[track_caller]
fn refusal(output: &Output) -> &str {
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(2), "{out}\n{err}");
    assert_eq!(out, "");
    assert!(!err.contains("panicked"), "{err}");
    err
}

fn clip(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/media")
        .join(name);
    path.to_str().unwrap().to_owned()
}

/// A file of this test's own.
fn scratch(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli");
    fs::create_dir_all(&dir).unwrap();
    dir.join(name)
}

fn written(name: &str, bytes: &[u8]) -> String {
    let path = scratch(name);
    fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

fn call_json(args: &[&str]) -> Value {
    let output = run(&[&["call", "--json"], args].concat());
    serde_json::from_str(stdout(&output, 0)).unwrap()
}

fn number(value: &Value) -> u64 {
    value
        .as_u64()
        .unwrap_or_else(|| panic!("{value} is no number"))
}

fn sum(values: &Value) -> u64 {
    values.as_object().unwrap().values().map(number).sum()
}

#[test]
fn a_call_on_the_projects_clips_holds_and_reads_well() {
    let output = run(&["call"]);
    let out = stdout(&output, 0);
    assert!(out.ends_with("\nEvery check held.\n"), "{out}");
    assert!(!out.contains("FAILED"), "{out}");
    for word in [
        "H.264", "H.265", "VP8", "VP9", "AV1", "Opus", "AAC", "binary", "text",
    ] {
        assert!(
            out.contains(&format!(" {word} ")),
            "{word} is missing in\n{out}"
        );
    }
    assert!(!out.contains('\u{1b}'), "colours where no terminal is");
    for line in out.lines() {
        assert!(line.chars().count() <= 120, "{line}");
        assert_eq!(line, line.trim_end());
    }
}

#[test]
fn a_call_in_the_codec_form_holds_and_each_codec_is_on_the_wire() {
    let file = scratch("codec-form.sealed");
    let path = file.to_str().unwrap();
    let report = call_json(&["--form", "codec", "--seconds", "6", "--record", path]);
    assert_eq!(report["ok"], true);
    assert_eq!(report["form"], "codec");
    let plain = call_json(&["--seconds", "6"]);
    assert_eq!(plain["form"], "plain");
    let names = |report: &Value| -> Vec<String> {
        let streams = report["streams"].as_array().unwrap().iter();
        streams.map(|s| s["codec"].to_string()).collect()
    };
    assert_eq!(names(&report), names(&plain));
    for stream in report["streams"].as_array().unwrap() {
        assert_ne!(number(&stream["opened"]), 0, "{stream}");
    }

    // Text has no codec, and AAC stays in its ADTS frames, which are opaque ones.
    let output = run(&["inspect", "--stream", "--json", path]);
    let found: Value = serde_json::from_str(stdout(&output, 0)).unwrap();
    let told: BTreeSet<_> = found["frames"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|frame| frame["codec"].as_str())
        .collect();
    let streams = report["streams"].as_array().unwrap();
    let want: BTreeSet<_> = streams
        .iter()
        .filter(|stream| stream["kind"] != "message")
        .map(|stream| match stream["codec"].as_str().unwrap() {
            "AAC" => "opaque",
            codec => codec,
        })
        .collect();
    assert_eq!(told, want);
    assert!(want.len() >= 4, "{want:?}");
    assert!(refusal(&run(&["call", "--form", "other"])).contains("--form"));
}

#[test]
fn json_has_the_keys_that_help_promises() {
    let report = call_json(&["--seconds", "6"]);
    assert_eq!(report["ok"], true);
    assert_eq!(report["seconds"], 6.0);
    assert_eq!(report["clips"].as_array().unwrap().len(), 8);

    let help = run(&["call", "--help"]);
    let help = stdout(&help, 0);
    let words: BTreeSet<&str> = help
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .collect();
    let mut keys = BTreeSet::new();
    collect_keys(&report, &mut keys);
    for key in keys {
        assert!(
            words.contains(key.as_str()),
            "--help does not tell of {key}"
        );
    }
}

/// All keys but the reasons of refusals, which are the names of status codes.
fn collect_keys(value: &Value, keys: &mut BTreeSet<String>) {
    match value {
        Value::Array(values) => values.iter().for_each(|v| collect_keys(v, keys)),
        Value::Object(map) => {
            for (key, value) in map {
                keys.insert(key.clone());
                if key != "refused" {
                    collect_keys(value, keys);
                }
            }
        }
        _ => {}
    }
}

#[test]
fn the_numbers_of_a_call_add_up() {
    let report = call_json(&["--seconds", "6"]);
    let streams = report["streams"].as_array().unwrap();
    assert_eq!(streams.len(), 12);
    let mut delivered = 0;
    for stream in streams {
        let get = |key: &str| number(&stream[key]);
        assert_eq!(
            get("copies") + get("duplicated"),
            get("lost") + get("missed") + get("withdrawn") + get("delivered"),
            "{stream}"
        );
        assert_eq!(
            get("delivered"),
            get("opened") + sum(&stream["refused"]),
            "{stream}"
        );
        // 12 bytes of header, and the tag: 8 for audio, 16 for the rest.
        let tag = if stream["kind"] == "audio" { 8 } else { 16 };
        if stream["codec"] != "text" {
            assert_eq!(
                get("sealed_bytes"),
                get("bytes") + get("frames") * (12 + tag),
                "{stream}"
            );
        }
        let rate = match (
            stream["kind"].as_str().unwrap(),
            stream["codec"].as_str().unwrap(),
        ) {
            ("video", _) => 25.0,
            ("audio", "Opus") => 50.0,
            ("audio", _) => 48_000.0 / 1_024.0,
            _ => 2.0,
        };
        let seconds = if stream["member"] == "carol" {
            5.4
        } else {
            6.0
        };
        let frames = get("frames") as f64;
        assert!((frames - rate * seconds).abs() <= 2.0, "{stream}");
        delivered += get("delivered");
    }
    let by_deed: u64 = report["deeds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| number(&d["delivered"]))
        .sum();
    assert_eq!(by_deed, delivered);
    for outsider in report["outsiders"].as_array().unwrap() {
        assert!(number(&outsider["tried"]) > 0);
        assert_eq!(number(&outsider["opened"]), 0);
        assert_eq!(number(&outsider["tried"]), sum(&outsider["refused"]));
    }
    for rejoin in report["rejoins"].as_array().unwrap() {
        assert!(number(&rejoin["replayed"]) > 0);
        assert_eq!(
            number(&rejoin["accepted"]) > 0,
            rejoin["remedy"] == "none",
            "{rejoin}"
        );
        assert_eq!(rejoin["live"], rejoin["live_opened"]);
    }
    for check in report["checks"].as_array().unwrap() {
        assert!(number(&check["cases"]) > 0, "{check}");
        assert_eq!(number(&check["failures"]), 0, "{check}");
    }
}

#[test]
fn the_seed_decides_what_happens_to_which_packet() {
    let network = |seed: &str| {
        let opus = clip("bunny-opus.ogg");
        call_json(&["--seconds", "5", "--seed", seed, &opus])["network"].clone()
    };
    assert_eq!(network("7"), network("7"));
    assert_ne!(network("7"), network("8"));
}

#[test]
fn every_clip_alone_and_every_suite_holds() {
    let names = [
        "bunny-360p.h264",
        "bunny-360p-4slices.h264",
        "bunny-360p.h265",
        "bunny-360p-vp8.ivf",
        "bunny-360p-vp9.ivf",
        "bunny-360p-av1.ivf",
        "bunny-opus.ogg",
        "bunny-aac.adts",
    ];
    for (name, suite) in names.iter().zip(["1", "2", "3", "4"].iter().cycle()) {
        let suites = ["--audio-suite", "--video-suite", "--message-suite"];
        let suites: Vec<&str> = suites.iter().flat_map(|s| [*s, suite]).collect();
        let path = clip(name);
        let report = call_json(&[&suites[..], &["--seconds", "4", &path]].concat());
        assert_eq!(report["ok"], true, "{name}");
        for stream in report["streams"].as_array().unwrap() {
            assert_eq!(stream["suite"].to_string(), *suite);
        }
    }
}

#[test]
fn extreme_networks_hold_too() {
    let opus = clip("bunny-opus.ogg");
    let kind = [
        "--loss",
        "--reorder",
        "--duplicate",
        "--corrupt",
        "--hostile",
    ];
    let none: Vec<&str> = kind.iter().flat_map(|k| [*k, "0"]).collect();
    let report = call_json(&[&none[..], &["--seconds", "5", &opus]].concat());
    for stream in report["streams"].as_array().unwrap() {
        assert_eq!(stream["opened"], stream["delivered"]);
        assert_eq!(number(&stream["lost"]), 0);
    }
    let most = ["50", "100", "50", "50", "100"];
    let most: Vec<&str> = kind.iter().zip(most).flat_map(|(k, v)| [*k, v]).collect();
    let report = call_json(&[&most[..], &["--seconds", "5", "--window", "64", &opus]].concat());
    assert!(
        report["checks"]
            .as_array()
            .unwrap()
            .iter()
            .all(|c| number(&c["cases"]) > 0)
    );
}

#[test]
fn bad_clips_are_refused_with_the_reason() {
    let media = |name: &str| fs::read(clip(name)).unwrap();
    let cut = |name: &str, keep: usize| {
        let bytes = media(name);
        written(&format!("cut-{name}"), &bytes[..keep])
    };
    let mut damaged = media("bunny-opus.ogg");
    damaged[5000] ^= 1;
    let missing = scratch("missing.h264");
    let cases = [
        (missing.to_str().unwrap().to_owned(), "os error 2"),
        (clip(""), "is a directory"),
        (written("empty.ivf", b""), "is empty"),
        (
            written("notes.txt", b"just some text\n"),
            "none of the formats",
        ),
        (
            written("notes.h264", b"just some text\n"),
            "none of the formats",
        ),
        (written("zeros.h264", &[0; 100]), "none of the formats"),
        (written("film.mp4", b"\0\0\0\x20ftypisom\0\0\x02\0"), "MP4"),
        (
            written("film.webm", b"\x1a\x45\xdf\xa3\x01\0\0\0"),
            "Matroska or WebM",
        ),
        (
            written("slice.bin", &[0, 0, 1, 0x41, 0x9a]),
            ".h264 or .h265",
        ),
        (cut("bunny-360p.h264", 40), "is cut short"),
        (cut("bunny-360p.h265", 90), "is cut short"),
        (
            cut("bunny-360p-vp8.ivf", 20),
            "is cut short inside the IVF header",
        ),
        (
            cut("bunny-360p-vp9.ivf", 1000),
            "is cut short: the frame at byte 32",
        ),
        (cut("bunny-360p-av1.ivf", 155_211), "is cut short"),
        (
            cut("bunny-opus.ogg", 14_322),
            "is cut short inside an Ogg page",
        ),
        (written("damaged.ogg", &damaged), "checksum"),
        (cut("bunny-aac.adts", 24_131), "is cut short"),
    ];
    for (path, reason) in cases {
        for arguments in [vec!["call", &path], vec!["call", "--json", &path]] {
            let output = run(&arguments);
            let error = refusal(&output);
            assert!(error.starts_with("error: "), "{error}");
            assert!(error.contains(&path), "{path}: {error}");
            assert!(error.contains(reason), "{path}: {error}");
            assert_eq!(error.lines().count(), 1, "{error}");
        }
    }
    // One bad clip among good ones is enough.
    let output = run(&["call", &clip("bunny-opus.ogg"), &written("bad", b"?")]);
    assert!(refusal(&output).contains("none of the formats"));
}

#[cfg(unix)]
#[test]
fn devices_are_no_clips() {
    assert!(refusal(&run(&["call", "/dev/null"])).contains("not a regular file"));
    assert!(refusal(&run(&["call", "/dev/zero"])).contains("not a regular file"));
}

#[test]
fn bad_arguments_are_refused() {
    for args in [
        &["call", "--loss", "101"][..],
        &["call", "--loss", "100"],
        &["call", "--corrupt", "-1"],
        &["call", "--reorder", "NaN"],
        &["call", "--seconds", "0"],
        &["call", "--window", "63"],
        &["call", "--audio-suite", "5"],
        &["call", "--fps", "0"],
        &["call", "--nonsense"],
        &["keygen", "--hex", "--base64"],
        &["inspect"],
        &["nonsense"],
    ] {
        let output = run(args);
        assert!(refusal(&output).contains("error: "), "{args:?}");
    }
}

#[test]
fn help_is_there_for_everyone() {
    assert!(refusal(&run(&[])).contains("Usage: roomseal"));
    for args in [
        &["--help"][..],
        &["call", "-h"],
        &["keygen", "--help"],
        &["inspect", "--help"],
    ] {
        let output = run(args);
        let out = stdout(&output, 0);
        assert!(out.contains("Usage: roomseal"), "{out}");
        assert!(out.lines().all(|l| l.chars().count() <= 120), "{out}");
    }
    assert!(text(&run(&["call", "--help"]).stdout).contains("Carol crashes and comes back"));
    let output = run(&["--version"]);
    assert_eq!(
        stdout(&output, 0),
        concat!("roomseal ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

#[test]
fn keys_are_fresh_and_exact() {
    let key = |args: &[&str]| {
        let output = run(&[&["keygen"], args].concat());
        let out = stdout(&output, 0);
        out.strip_suffix('\n').unwrap().to_owned()
    };
    let keys: BTreeSet<String> = (0..4).map(|_| key(&[])).chain([key(&["--hex"])]).collect();
    assert_eq!(keys.len(), 5);
    for key in &keys {
        assert!(roomseal::RoomKey::from_hex(key).is_ok(), "{key}");
    }
    assert!(roomseal::RoomKey::from_base64(&key(&["--base64"])).is_ok());
}

#[test]
fn what_a_call_records_can_be_inspected() {
    let file = scratch("call.sealed");
    let path = file.to_str().unwrap();
    let report = call_json(&["--seconds", "3", "--record", path, &clip("bunny-opus.ogg")]);
    let sealed: u64 = report["streams"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| number(&s["frames"]))
        .sum();

    let output = run(&["inspect", "--stream", "--json", path]);
    let found: Value = serde_json::from_str(stdout(&output, 0)).unwrap();
    let frames = found["frames"].as_array().unwrap();
    assert_eq!(u64::try_from(frames.len()).unwrap(), sealed);
    let mut kids = BTreeSet::new();
    for frame in frames {
        let kid = u64::from_str_radix(frame["kid"].as_str().unwrap(), 16).unwrap();
        assert!(kid >> 63 == 1, "{frame}");
        assert_eq!(kid & 15, number(&frame["epoch_nibble"]));
        assert!(matches!(number(&frame["epoch_nibble"]), 1 | 2), "{frame}");
        assert!(
            (1 << 16..1 << 24).contains(&number(&frame["ctr"])),
            "{frame}"
        );
        kids.insert(kid >> 4);
    }
    // Two streams of each member, and two more after carol came back.
    assert_eq!(kids.len(), 3 * 2 + 2);
    let texts = frames.iter().filter(|f| f["form"] == "text").count();
    let messages = report["streams"].as_array().unwrap();
    let sent = messages.iter().find(|s| s["codec"] == "text").unwrap();
    assert_eq!(u64::try_from(texts).unwrap(), number(&sent["frames"]));

    let output = run(&["inspect", "--stream", path]);
    let table = stdout(&output, 0);
    assert_eq!(table.lines().count(), frames.len() + 2);
    assert!(table.contains("epoch mod 16"));

    // A single frame, cut out of the stream.
    let bytes = fs::read(&file).unwrap();
    let len = usize::try_from(number(&frames[0]["length"])).unwrap();
    let single = written("single.sealed", &bytes[4..4 + len]);
    let output = run(&["inspect", &single]);
    assert!(stdout(&output, 0).contains(frames[0]["kid"].as_str().unwrap()));
}

#[test]
fn what_is_no_frame_is_called_so() {
    let output = run(&["inspect", &written("header.bin", &[0xfa, 0x80, 1])]);
    assert!(stdout(&output, 1).contains("malformed"));
    let output = run(&["inspect", &written("foreign.bin", &[0x53, 1, 2, 3])]);
    assert!(stdout(&output, 0).contains("no room frame"));
    let stream = written("cut.sealed", &[0, 0, 0, 9, 1]);
    let error = run(&["inspect", "--stream", &stream]);
    assert!(refusal(&error).contains("cut short"));
    assert!(refusal(&run(&["inspect", &written("nothing", b"")])).contains("is empty"));
    assert!(refusal(&run(&["inspect", &clip("")])).contains("is a directory"));
    assert!(refusal(&run(&["inspect", "no such file"])).contains("os error 2"));
}

#[test]
fn a_record_that_cannot_be_written_is_an_error() {
    let path = scratch("no such directory").join("x");
    let output = run(&["call", "--seconds", "2", "--record", path.to_str().unwrap()]);
    assert!(refusal(&output).contains("no such directory"));
}

/// `roomseal inspect … | head -1`
#[test]
fn a_reader_who_leaves_is_no_error() {
    let file = scratch("long.sealed");
    let one = [&[0, 0, 0, 12, 0xfa, 0x80][..], &[1; 10]].concat();
    fs::write(&file, one.repeat(100_000)).unwrap();
    let mut child = tool()
        .args(["inspect", "--stream", file.to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut first)
        .unwrap();
    assert!(first.contains("offset"));
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
}

/// What the members of one room pass to `seal` and `open`.
fn room(key: &str) -> [&str; 8] {
    [
        "--key", key, "--app", "n:1", "--room", "s:weekly", "--epoch", "3",
    ]
}

/// A key in a file of its own.
fn key_file(name: &str) -> String {
    let key = run(&["keygen"]);
    written(name, stdout(&key, 0).as_bytes())
}

#[test]
fn sealed_files_open_to_the_same_bytes() {
    let key = key_file("seal.key");
    for name in [
        "bunny-360p-4slices.h264",
        "bunny-360p-av1.ivf",
        "bunny-360p-vp8.ivf",
        "bunny-aac.adts",
        "bunny-opus.ogg",
    ] {
        let sealed = scratch(&format!("sealed-{name}"));
        let opened = scratch(&format!("opened-{name}"));
        let (sealed, opened) = (sealed.to_str().unwrap(), opened.to_str().unwrap());
        let output = run(&[&["seal", &clip(name), sealed], &room(&key)[..]].concat());
        assert!(stdout(&output, 0).contains("frames sealed"));
        let output = run(&[&["open", sealed, opened], &room(&key)[..]].concat());
        assert!(stdout(&output, 0).contains("frames opened"));
        let (before, between) = (fs::read(clip(name)).unwrap(), fs::read(sealed).unwrap());
        assert_ne!(before, between, "{name}");
        assert_eq!(before, fs::read(opened).unwrap(), "{name}");
    }
}

#[test]
fn a_frame_that_does_not_open_is_left_out_and_told() {
    let key = key_file("damaged.key");
    let sealed = scratch("damaged.ivf");
    let opened = scratch("damaged-opened.ivf");
    let (sealed, opened) = (sealed.to_str().unwrap(), opened.to_str().unwrap());
    let output = run(&[
        &["seal", &clip("bunny-360p-vp9.ivf"), sealed],
        &room(&key)[..],
    ]
    .concat());
    stdout(&output, 0);
    let mut bytes = fs::read(sealed).unwrap();
    let first = usize::try_from(u32::from_le_bytes(bytes[32..36].try_into().unwrap())).unwrap();
    bytes[50] ^= 1;
    fs::write(sealed, &bytes).unwrap();
    let output = run(&[&["open", sealed, opened], &room(&key)[..]].concat());
    let told = stdout(&output, 1);
    assert!(told.contains("74 frames opened"), "{told}");
    assert!(told.contains("1 left out"), "{told}");
    // The file header, and all frames but the first.
    let (before, after) = (
        fs::read(clip("bunny-360p-vp9.ivf")).unwrap(),
        fs::read(opened).unwrap(),
    );
    let rest = 32 + 12 + first - 30;
    assert_eq!(after, [&before[..32], &before[rest..]].concat());
}

#[test]
fn nothing_is_written_without_the_right_key_and_room() {
    let (key, other) = (key_file("right.key"), key_file("wrong.key"));
    let sealed = scratch("right.adts");
    let none = scratch("never-written");
    let (sealed, none) = (sealed.to_str().unwrap(), none.to_str().unwrap());
    let output = run(&[&["seal", &clip("bunny-aac.adts"), sealed], &room(&key)[..]].concat());
    stdout(&output, 0);
    let mut other_room = room(&key);
    other_room[5] = "s:Weekly";
    let mut other_epoch = room(&key);
    other_epoch[7] = "4";
    let mut no_type = room(&key);
    no_type[5] = "weekly";
    for args in [
        room(&other),
        other_room,
        other_epoch,
        no_type,
        room(&clip("README.md")),
    ] {
        let output = run(&[&["open", sealed, none], &args[..]].concat());
        refusal(&output);
        assert!(!Path::new(none).exists());
    }
    // What isn't sealed doesn't pass either.
    let output = run(&[&["open", &clip("bunny-aac.adts"), none], &room(&key)[..]].concat());
    assert!(refusal(&output).contains("no frame opened"));
    assert!(!Path::new(none).exists());
}
