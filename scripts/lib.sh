# Shared by run, test and scripts/*: checks for the tools, builds the assets. Sourced, with the repository as working directory.

say() { printf '%s\n' "$*" >&2; }

die() { say "teahouse: $*"; exit 1; }

# The first number of a version such as 10.0.401 or v20.20.2.
major() { printf '%s' "${1#v}" | cut -d. -f1; }

need_dotnet() {
  command -v dotnet >/dev/null || die "the .NET SDK 10 is missing. Install it from https://dotnet.microsoft.com/download/dotnet/10.0 (Ubuntu: package dotnet-sdk-10.0; Debian: the same of the packages Microsoft publishes for it)."
  local version
  version=$(dotnet --version 2>/dev/null) || die "no .NET SDK fits global.json: SDK 10 is needed; installed: $(dotnet --list-sdks | tr '\n' ' ')"
  [ "$(major "$version")" -ge 10 ] || die "the .NET SDK is $version; version 10 is needed."
}

need_node() {
  command -v node >/dev/null && command -v npm >/dev/null || die "Node.js 20 or newer with npm is missing. Install it from https://nodejs.org (Debian 13: packages nodejs and npm)."
  [ "$(major "$(node --version)")" -ge 20 ] || die "Node.js is $(node --version); version 20 or newer is needed."
}

# True when something among the given files and folders is newer than the stamp.
newer_than() {
  local stamp=$1
  shift
  [ ! -e "$stamp" ] || [ -n "$(find "$@" -newer "$stamp" -type f -not -path '*/wwwroot/assets/*' -print -quit)" ]
}

install_node_modules() {
  if newer_than node_modules/.package-lock.json package.json package-lock.json; then
    say "Installing the front end's packages …"
    npm ci --no-audit --no-fund --loglevel=error >&2 || die "npm ci failed: the messages above say why."
    touch node_modules/.package-lock.json
  fi
}

# Tailwind reads class names out of the pages, so a changed page is a changed style sheet.
build_assets() {
  install_node_modules
  if newer_than artifacts/.assets package-lock.json src/Teahouse; then
    say "Building styles and scripts …"
    npm run --silent build >&2 || die "the styles and scripts could not be built."
    mkdir -p artifacts
    touch artifacts/.assets
  fi
}

# The program in Release, as ./run starts it and bench/run measures it: artifacts/publish.
publish_program() {
  if newer_than artifacts/.published src Directory.Build.props Directory.Packages.props global.json artifacts/.assets; then
    say "Building Teahouse …"
    local log
    log=$(mktemp)
    if ! dotnet publish src/Teahouse -c Release -o artifacts/publish --nologo -v quiet -clp:NoSummary >"$log" 2>&1; then
      cat "$log" >&2
      rm -f "$log"
      die "the build failed."
    fi
    rm -f "$log"
    touch artifacts/.published
  fi
}
