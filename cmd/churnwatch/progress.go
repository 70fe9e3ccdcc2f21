package main

import (
	"io"

	"github.com/schollz/progressbar/v3"

	"github.com/churnwatch/churnwatch/cmd/internal/importing"
)

// progress shows how far an import is, on a terminal only.
type progress struct {
	to    io.Writer
	shown bool
	file  string
	bar   *progressbar.ProgressBar
}

func newProgress(to io.Writer, shown bool) *progress { return &progress{to: to, shown: shown} }

// update is told by the importer, from one goroutine.
func (p *progress) update(at importing.Progress) {
	if !p.shown {
		return
	}
	if p.bar == nil || p.file != at.File {
		p.done()
		p.file = at.File
		p.bar = progressbar.NewOptions64(at.Size,
			progressbar.OptionSetWriter(p.to), progressbar.OptionSetDescription(at.File),
			progressbar.OptionShowBytes(true), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(progressEvery))
	}
	_ = p.bar.Set64(at.Bytes) // a bar that can't be drawn must not stop an import
}

// done clears the bar.
func (p *progress) done() {
	if p.bar != nil {
		_ = p.bar.Finish()
		p.bar = nil
	}
}
