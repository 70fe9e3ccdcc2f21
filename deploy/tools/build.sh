#!/usr/bin/env bash
# Builds the pinned tools, each once for its version, and prints where they are.
#
#   deploy/tools/build.sh                    every tool
#   deploy/tools/build.sh golangci-lint buf  just these
#
# A tool's version is the one in its go.mod here (some have a module of their own in
# a folder below, because their dependencies fit no other's). The binary is kept as NAME-VERSION
# under ${XDG_CACHE_HOME:-$HOME/.cache}/churnwatch-tools and built again only
# when it is missing or was made by another release of Go: a linter made by an
# older one refuses newer code.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/churnwatch-tools

# packages lists every tool's main package, with its module's folder before it.
# Asking go would download all of them.
packages() {
	local dir
	for dir in "$here" "$here"/*/; do
		[[ -f $dir/go.mod ]] || continue
		sed -nE -e "/^tool \($/,/^\)/ s|^\t|$dir |p" -e "s|^tool ([^(]+)$|$dir \1|p" "$dir/go.mod"
	done
}

# name_of is what a package's program is called: its last element, but for a version.
name_of() { basename "${1%/v[0-9]}"; }

# build DIR PACKAGE makes one tool and prints its path.
build() {
	local dir=$1 package=$2 name version binary fresh
	cd "$dir"
	name=$(name_of "$package")
	version=$(go list -f '{{.Module.Version}}' "$package")
	binary=$cache/$name-$version
	if [[ ! -x $binary ]] || [[ $(go version "$binary") != *" $(go env GOVERSION)" ]]; then
		echo "building $name $version" >&2
		mkdir -p "$cache"
		fresh=$(mktemp "$cache/.$name.XXXXXX")
		go build -ldflags='-s -w' -o "$fresh" "$package"
		chmod 755 "$fresh"
		mv "$fresh" "$binary"
	fi
	echo "$binary"
}

wanted=("$@")
found=0
while read -r dir package; do
	if [[ ${#wanted[@]} -eq 0 || " ${wanted[*]} " == *" $(name_of "$package") "* ]]; then
		(build "$dir" "$package")
		found=$((found + 1))
	fi
done < <(packages)

if [[ $found -eq 0 || ( ${#wanted[@]} -gt 0 && $found -ne ${#wanted[@]} ) ]]; then
	echo "build.sh: no such tool among: ${wanted[*]-}; there are: $(packages | while read -r _ package; do name_of "$package"; done | tr '\n' ' ')" >&2
	exit 2
fi
