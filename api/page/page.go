package page

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed assets
var assets embed.FS

// policy lets a document load what this server serves, and nothing else. Markup
// is made by lit-html alone, which makes it of its own templates.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types lit-html"

// Routes returns the handlers of the page, of what it is made of, and of the
// reference of the API that openAPI describes, by their patterns.
func Routes(openAPI []byte) (map[string]http.Handler, error) {
	reference, err := renderReference(openAPI)
	if err != nil {
		return nil, err
	}
	out := map[string]http.Handler{"/docs": file("docs.html", reference)}
	err = fs.WalkDir(assets, "assets", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := assets.ReadFile(name)
		switch {
		case err != nil:
			return err
		case name == "assets/index.html":
			out["/{$}"] = file(name, content)
		default:
			out["/"+name] = file(name, content)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	return out, nil
}

// file serves content that changes with the program alone: a browser asks each
// time whether it has, and hears that in a few bytes.
func file(name string, content []byte) http.Handler {
	sum := sha256.Sum256(content)
	tag := `"` + hex.EncodeToString(sum[:12]) + `"`
	kind := typeOf(name)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Type", kind)
		header.Set("Content-Security-Policy", policy)
		header.Set("Cache-Control", "no-cache")
		header.Set("ETag", tag)
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
	})
}

// typeOf is the content type of a file, whatever the machine thinks of its
// ending.
func typeOf(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".html":
		return "text/html; charset=utf-8"
	}
	if kind := mime.TypeByExtension(path.Ext(name)); strings.HasPrefix(kind, "text/") {
		return kind
	}
	return "text/plain; charset=utf-8"
}
