# What the scripts share. Sourced.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }

packages=(g++ cmake ninja-build ccache python3 libflatbuffers-dev flatbuffers-compiler libeigen3-dev libspdlog-dev catch2
  libprotozero-dev libcli11-dev nlohmann-json3-dev libonnx-testdata)

# Installs the Debian packages that are missing, and those given.
need() {
  command -v apt-get >/dev/null || { echo "not a Debian system: install by other means: ${packages[*]} $*"; return; }
  local missing=() p
  for p in "${packages[@]}" "$@"; do
    dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'install ok installed' || missing+=("$p")
  done
  [ ${#missing[@]} -eq 0 ] && return
  say "installing ${missing[*]}"
  local as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get update -q=2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q=2 -y --no-install-recommends "${missing[@]}" >/dev/null
}

# build PRESET [TARGET...]: configures and builds, with ninja's progress line.
build() {
  local preset=$1
  shift
  say "building $preset"
  cmake --preset "$preset" -DQGRAPH_WERROR="${QGRAPH_WERROR:-OFF}" >"build-$preset.log" 2>&1 || { cat "build-$preset.log"; rm -f "build-$preset.log"; return 1; }
  rm -f "build-$preset.log"
  cmake --build --preset "$preset" -j "$(nproc)" ${1:+--target "$@"}
}
