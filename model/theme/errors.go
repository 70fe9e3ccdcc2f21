package theme

import "errors"

// ErrLexicon says that a lexicon can't be used.
var ErrLexicon = errors.New("lexicon")
