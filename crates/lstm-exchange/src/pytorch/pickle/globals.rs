//! The classes and functions that a pickle may name, and those that it may call.

use super::Fault;

/// The calls that are carried out, all of them by code in this crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    /// `_rebuild_tensor(storage, offset, shape, strides)` and its later forms, which have more arguments.
    Tensor,
    /// `_rebuild_parameter(tensor, …)`
    Parameter,
    /// `_rebuild_from_type_v2(function, type, arguments, state)`
    Subclass,
    /// A dict from pairs, or an empty one.
    Dict,
    /// A list, tuple or set, made from the elements of another.
    Sequence,
    /// `_reconstructor(class, object, None)`: an instance.
    Instance,
    /// A value that no weight depends on: a NumPy number, a date, a device.
    Other,
}

/// What kind of call a function is; `None` if it must not be called.
pub(super) fn call(name: &str) -> Option<Call> {
    Some(match name {
        "torch._utils._rebuild_tensor"
        | "torch._utils._rebuild_tensor_v2"
        | "torch._utils._rebuild_tensor_v3" => Call::Tensor,
        "torch._utils._rebuild_parameter" | "torch._utils._rebuild_parameter_with_state" => {
            Call::Parameter
        }
        "torch._tensor._rebuild_from_type_v2" => Call::Subclass,
        "collections.OrderedDict" | "collections.defaultdict" | "collections.Counter" => Call::Dict,
        "builtins.set" | "builtins.frozenset" | "builtins.list" | "builtins.tuple"
        | "torch.Size" | "collections.deque" => Call::Sequence,
        "copyreg._reconstructor" => Call::Instance,
        _ if is_plain(name) => Call::Other,
        _ => return None,
    })
}

/// Whether a class or function only makes a plain value from its arguments.
fn is_plain(name: &str) -> bool {
    match name.rsplit_once('.') {
        Some(("builtins", own)) => [
            "bool",
            "bytearray",
            "bytes",
            "complex",
            "float",
            "int",
            "object",
            "range",
            "slice",
            "str",
        ]
        .contains(&own),
        Some(("datetime", own)) => {
            ["date", "datetime", "time", "timedelta", "timezone"].contains(&own)
        }
        Some(("pathlib" | "pathlib._local", own)) => {
            let kinds = ["Path", "PosixPath", "WindowsPath"];
            kinds.contains(&own.trim_start_matches("Pure"))
        }
        Some(("numpy.core.multiarray" | "numpy._core.multiarray", own)) => {
            ["_reconstruct", "scalar"].contains(&own)
        }
        Some(("numpy", own)) => ["dtype", "ndarray"].contains(&own),
        Some(("_codecs", own)) => own == "encode",
        Some(("torch", own)) => own == "device",
        _ => false,
    }
}

/// The name of a global in Python 3.
pub(super) fn modern(module: &str, name: &str) -> String {
    let module = match module {
        "__builtin__" => "builtins",
        "copy_reg" => "copyreg",
        other => other,
    };
    format!("{module}.{name}")
}

/// Refuses names from Python, NumPy or PyTorch that no file of weights needs.
///
/// Other names are user-defined classes. Their objects are read as plain data.
pub(super) fn expect_harmless(name: &str) -> Result<(), Fault> {
    let root = name.split('.').next().unwrap_or(name);
    let is_known = call(name).is_some()
        || ["argparse.Namespace", "typing.Any"].contains(&name)
        || root == "torch" && is_of_torch(&name["torch".len()..]);
    let is_library =
        ["numpy", "torch"].contains(&root) || PYTHON.split_whitespace().any(|m| m == root);
    if is_known || !is_library {
        return Ok(());
    }
    Err(Fault::Global(name.to_owned()))
}

/// Whether the name below `torch` is a number type, a storage, or a class that modules and optimisers
/// contain.
fn is_of_torch(own: &str) -> bool {
    let own = &own[1.min(own.len())..];
    let is_one_word = !own.contains('.');
    let types = [
        "float", "double", "half", "bfloat", "int", "uint", "long", "short", "bool", "complex",
        "strided", "Tensor",
    ];
    let is_class = |own: &str| {
        let name = own.rsplit('.').next().unwrap_or(own);
        name.starts_with(|c: char| c.is_ascii_uppercase())
    };
    own.strip_prefix("storage.")
        .unwrap_or(own)
        .ends_with("Storage")
        || is_one_word && types.iter().any(|t| own.starts_with(t))
        || (own.starts_with("nn.") || own.starts_with("optim.")) && is_class(own)
}

/// The modules of Python's standard library.
const PYTHON: &str = "
    StringIO __builtin__ __future__ _abc _aix_support _ast _asyncio _bisect _blake2 _bootsubprocess
    _bz2 _codecs _codecs_cn _codecs_hk _codecs_iso2022 _codecs_jp _codecs_kr _codecs_tw _collections
    _collections_abc _compat_pickle _compression _contextvars _crypt _csv _ctypes _curses
    _curses_panel _datetime _dbm _decimal _elementtree _frozen_importlib _frozen_importlib_external
    _functools _gdbm _hashlib _heapq _imp _io _json _locale _lsprof _lzma _markupbase _md5 _msi
    _multibytecodec _multiprocessing _opcode _operator _osx_support _overlapped _pickle _posixshmem
    _posixsubprocess _py_abc _pydecimal _pyio _queue _random _scproxy _sha1 _sha256 _sha3 _sha512
    _signal _sitebuiltins _socket _sqlite3 _sre _ssl _stat _statistics _string _strptime _struct
    _symtable _thread _threading_local _tkinter _tokenize _tracemalloc _typing _uuid _warnings
    _weakref _weakrefset _winapi _zoneinfo abc aifc antigravity argparse array ast asynchat asyncio
    asyncore atexit audioop base64 bdb binascii bisect builtins bz2 cPickle cProfile cStringIO
    calendar cgi cgitb chunk cmath cmd code codecs codeop collections colorsys commands compileall
    concurrent configparser contextlib contextvars copy copy_reg copyreg crypt csv ctypes curses
    dataclasses datetime dbm decimal difflib dis distutils doctest email encodings ensurepip enum
    errno faulthandler fcntl filecmp fileinput fnmatch fractions ftplib functools gc genericpath
    getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac html http httplib idlelib
    imaplib imghdr imp importlib inspect io ipaddress itertools json keyword lib2to3 linecache
    locale logging lzma mailbox mailcap marshal math mimetypes mmap modulefinder msilib msvcrt
    multiprocessing netrc nis nntplib nt ntpath nturl2path numbers opcode operator optparse os
    ossaudiodev pathlib pdb pickle pickletools pipes pkgutil platform plistlib popen2 poplib posix
    posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue quopri
    random re readline reprlib resource rlcompleter runpy sched secrets select selectors shelve
    shlex shutil signal site smtpd smtplib sndhdr socket socketserver spwd sqlite3 sre_compile
    sre_constants sre_parse ssl stat statistics string stringprep struct subprocess sunau symtable
    sys sysconfig syslog tabnanny tarfile telnetlib tempfile termios textwrap this thread threading
    time timeit tkinter token tokenize tomllib trace traceback tracemalloc tty turtle turtledemo
    types typing unicodedata unittest urllib urllib2 uu uuid venv warnings wave weakref webbrowser
    winreg winsound wsgiref xdrlib xml xmlrpc zipapp zipfile zipimport zlib zoneinfo
";
