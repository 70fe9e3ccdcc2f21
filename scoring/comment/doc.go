// Package comment reads comments, tags and topics: themes by lexicon, language
// by stopwords, and the sentiment of English.
//
// A reading depends on the text and the lexicons alone, never on when or by
// whom it was written, so it is stored by the text's hash and made again when
// the lexicons change. English and Portuguese lexicons ship; others are files
// of the same format (see model/theme), of which one in a shipped language
// takes its place.
package comment
