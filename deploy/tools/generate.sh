#!/usr/bin/env bash
# Makes all generated code and dashboards again: what is committed is what this
# writes.
#
# The protos go through buf in api/, with the plugins on PATH under their plain
# names and no network; then every //go:generate line runs. `buf` itself and the
# plugins are the pinned ones.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.."

bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
for tool in buf protoc-gen-go protoc-gen-go-grpc protoc-gen-grpc-gateway protoc-gen-openapiv2; do
	ln -s "$("$here/build.sh" "$tool")" "$bin/$tool"
done
export PATH="$bin:$PATH"

(cd api && buf lint && buf generate)
go generate ./...
