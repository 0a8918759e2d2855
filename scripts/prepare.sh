# Shared by ./quickstart and ./test: installs what the build needs and is missing. Safe to run again.

# Programs and libraries, as Debian and Ubuntu call their packages.
packages=(gcc g++ cmake ninja-build pkg-config libcjson-dev zlib1g-dev libgtest-dev libsystemc-dev libjpeg-dev libpng-dev
          gnuplot-nox)

# Is a package there? Asked by what it provides, so that other ways of installing it count too.
have() {
    case $1 in
    gcc | g++ | cmake) command -v "$1" ;;
    ninja-build) command -v ninja ;;
    pkg-config) command -v pkg-config ;;
    libcjson-dev) pkg-config --exists libcjson ;;
    zlib1g-dev) pkg-config --exists zlib ;;
    libgtest-dev) pkg-config --exists gtest ;;
    libsystemc-dev) pkg-config --exists systemc ;;
    libjpeg-dev) pkg-config --exists libjpeg ;;
    libpng-dev) pkg-config --exists libpng ;;
    gnuplot-nox) command -v gnuplot ;;
    libopenmpi-dev) command -v mpicc ;;
    openmpi-bin) command -v mpirun ;;
    esac >/dev/null 2>&1
}

missing_packages() {
    local package
    missing=()
    for package in "${packages[@]}"; do
        have "$package" || missing+=("$package")
    done
}

install_packages() {
    local as_root=()
    if ! command -v apt-get >/dev/null; then
        echo "mulfree needs these (Debian's names): ${missing[*]}" >&2
        echo "There is no apt-get here: install them with your system's package manager, then run this again." >&2
        echo "  Fedora: dnf install gcc gcc-c++ cmake ninja-build pkgconf cjson-devel zlib-devel gtest-devel systemc-devel libjpeg-turbo-devel libpng-devel gnuplot" >&2
        echo "  Arch:   pacman -S gcc cmake ninja pkgconf cjson zlib gtest systemc libjpeg-turbo libpng gnuplot" >&2
        exit 1
    fi
    if [ "$(id -u)" != 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "mulfree needs: ${missing[*]}" >&2
            echo "Ask someone with root to run: apt-get install ${missing[*]}" >&2
            exit 1
        fi
        as_root=(sudo)
    fi
    echo "installing: ${missing[*]}"
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

prepare() {
    missing_packages
    if [ ${#missing[@]} -gt 0 ]; then
        install_packages
        missing_packages
        if [ ${#missing[@]} -gt 0 ]; then
            echo "still missing after installing: ${missing[*]}" >&2
            exit 1
        fi
    fi
}

# build PRESET [-D...] [TARGET...]: configure and build, all or these targets, quietly unless something goes wrong.
build() {
    local preset=$1 log=build/$1.log settings=() targets=()
    shift
    for word in "$@"; do
        case $word in
        -D*) settings+=("$word") ;;
        *) targets+=(--target "$word") ;;
        esac
    done
    mkdir -p build
    echo "building ($preset) ..."
    if ! { cmake --preset "$preset" -G Ninja "${settings[@]}" && cmake --build --preset "$preset" "${targets[@]}"; } >"$log" 2>&1; then
        tail -40 "$log" >&2
        echo "the build failed; all of it is in $log" >&2
        exit 1
    fi
}
