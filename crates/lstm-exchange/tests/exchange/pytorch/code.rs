//! Pickles that want something run.

use super::build::{
    call, dict, global, legacy, model, object, pickle, said, saved, state_dict, text, zipped,
};
use lstm_exchange::Tensors;

/// Refused, by its name, as a file of its own, in an archive, and in the format before it.
fn is_refused(pickle: &[u8], name: &str) {
    let archive = zipped(&[("archive/data.pkl", pickle)]);
    for file in [
        pickle.to_vec(),
        archive,
        legacy(pickle, &Tensors::new(), true),
    ] {
        let said = said(&file);
        let expected =
            format!("the file's pickle asks for {name}, which could run anything. Nothing was run");
        assert!(said.starts_with(&expected), "{name}: {said}");
    }
}

fn echo() -> Vec<Vec<u8>> {
    vec![text("echo")]
}

#[test]
fn a_command_is_refused_in_every_protocol() {
    let short = |text: &str| [&[0x8c, text.len() as u8], text.as_bytes()].concat();
    let modern = [
        short("posix"),
        short("system"),
        b"\x93".to_vec(),
        short("echo"),
        b"\x85R.".to_vec(),
    ]
    .concat();
    for (code, name) in [
        (b"cos\nsystem\n(S'echo'\ntR.".to_vec(), "os.system"),
        (b"cos\nsystem\n(Vecho\ntR.".to_vec(), "os.system"),
        (b"(S'echo'\nios\nsystem\n.".to_vec(), "os.system"),
        (b"(cos\nsystem\nS'echo'\no.".to_vec(), "os.system"),
        (b"cnt\nsystem\n(U\x04echotR.".to_vec(), "nt.system"),
        (
            pickle(&call(global("posix", "system"), &echo())),
            "posix.system",
        ),
        (
            [
                &b"\x80\x03"[..],
                &global("posix", "system"),
                b"X\x04\0\0\0echo\x85R.",
            ]
            .concat(),
            "posix.system",
        ),
        ([&b"\x80\x04"[..], &modern].concat(), "posix.system"),
        (
            [
                &b"\x80\x04\x95"[..],
                &(modern.len() as u64).to_le_bytes(),
                &modern,
            ]
            .concat(),
            "posix.system",
        ),
        ([&b"\x80\x05"[..], &modern].concat(), "posix.system"),
    ] {
        is_refused(&code, name);
    }
}

#[test]
fn everything_that_could_run_something_is_refused() {
    for (module, name) in [
        ("builtins", "eval"),
        ("builtins", "exec"),
        ("builtins", "__import__"),
        ("builtins", "getattr"),
        ("builtins", "compile"),
        ("builtins", "open"),
        ("builtins", "map"),
        ("subprocess", "Popen"),
        ("subprocess", "check_output"),
        ("os", "popen"),
        ("os", "execve"),
        ("sys", "exit"),
        ("pty", "spawn"),
        ("importlib", "import_module"),
        ("runpy", "_run_code"),
        ("webbrowser", "open"),
        ("shutil", "rmtree"),
        ("socket", "create_connection"),
        ("ctypes", "CDLL"),
        ("functools", "partial"),
        ("operator", "attrgetter"),
        ("types", "CodeType"),
        ("types", "FunctionType"),
        ("pickle", "loads"),
        ("_pickle", "loads"),
        ("timeit", "timeit"),
        ("pydoc", "pipepager"),
        ("code", "interact"),
        ("bdb", "Bdb"),
        ("copyreg", "add_extension"),
        ("numpy", "load"),
        ("numpy.testing._private.utils", "runstring"),
        ("torch", "load"),
        ("torch.hub", "load"),
        ("torch", "os.system"),
        ("torch.serialization", "load"),
        ("torch.storage", "_load_from_bytes"),
        ("torch.jit._pickle", "build_intlist"),
        ("torch.nn.functional", "relu"),
        ("torch.nn", "os.system"),
        ("torch.utils._config_module", "load_config"),
        ("asyncio.unix_events", "_UnixSubprocessTransport._start"),
    ] {
        is_refused(
            &pickle(&call(global(module, name), &echo())),
            &format!("{module}.{name}"),
        );
        is_refused(&pickle(&global(module, name)), &format!("{module}.{name}"));
    }
    is_refused(
        &pickle(&call(global("__builtin__", "eval"), &echo())),
        "builtins.eval",
    );
}

#[test]
fn it_does_not_matter_where_the_command_hides() {
    let system = || global("os", "system");
    let command = || call(system(), &echo());
    let weights = || state_dict(&model());
    for code in [
        dict(&[("a", command())]),
        dict(&[("model", weights()), ("hook", dict(&[("deep", command())]))]),
        [command(), b"0".to_vec(), weights()].concat(),
        [b"(".to_vec(), command(), b"1".to_vec(), weights()].concat(),
        [weights(), command(), b"b".to_vec()].concat(),
        [command(), b"Q".to_vec()].concat(),
        object(system(), &[]),
        object(global("models", "Net"), &[("_parameters", command())]),
        call(global("torch._utils", "_rebuild_parameter"), &[command()]),
        call(
            global("torch._tensor", "_rebuild_from_type_v2"),
            &[system(), system(), echo().concat()],
        ),
        call(
            global("copyreg", "_reconstructor"),
            &[system(), global("builtins", "object"), b"N".to_vec()],
        ),
    ] {
        is_refused(&pickle(&code), "os.system");
    }
    let among_weights = [command(), b"0".to_vec(), weights()].concat();
    assert!(said(&saved(&among_weights, &model())).contains("os.system"));
}

#[test]
fn somebodys_own_function_is_not_called_either() {
    is_refused(&pickle(&call(global("models", "make"), &[])), "models.make");
    let subclass = [
        global("models", "make"),
        global("models", "T"),
        b")".to_vec(),
    ];
    is_refused(
        &pickle(&call(
            global("torch._tensor", "_rebuild_from_type_v2"),
            &subclass,
        )),
        "models.make",
    );
    let old = [&b"("[..], &global("models", "Net"), b"o"].concat();
    is_refused(&pickle(&old), "models.Net");
}

#[test]
fn what_no_file_of_pytorch_has_is_refused() {
    for (code, why) in [
        (&b"\x82\x01"[..], "instruction 0x82"),
        (b"\x97", "instruction 0x97"),
        (b"P1\n", "instruction 0x50"),
        (b"N)R", "calls something that is no function"),
        (b"N)\x81", "makes an object of something that is no class"),
        (
            b"K\x01K\x02\x93",
            "names a class by something that is no text",
        ),
        (b"R", "lacks an operand"),
        (b"(0t", "uses a mark that it never set"),
        (b"K\x01(R", "lacks an operand"),
        (b"}(K\x01u", "a key without a value"),
        (b"h\x07", "never stored object 7"),
        (b"K\x01K\x01a", "appends to something that is no list"),
        (
            b"NK\x01K\x01s",
            "sets an entry of something that is no dict",
        ),
        (b"X\xff\xff\xff\xffabc", "ends in the middle of a pickle"),
        (
            b"\x8d\xff\xff\xff\xff\xff\xff\xff\xffabc",
            "ends in the middle of a pickle",
        ),
        (
            b"NQ",
            "a persistent id of its pickle is not that of a storage",
        ),
        (b"\x80\x09N", "pickle protocol 9"),
    ] {
        let said = said(&zipped(&[("archive/data.pkl", &pickle(code))]));
        assert!(said.contains(why), "{code:?}: {said}");
    }
    let many = [&b"]("[..], &b"]".repeat(1 << 20), b"e"].concat();
    assert!(said(&pickle(&many)).contains("more than 1048576 objects"));
}
