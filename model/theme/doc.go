// Package theme finds what a comment complains about.
//
// A [Lexicon] of one language lists terms by theme: complaints, which are bad
// in themselves ("never arrived"), topics, which only say what is talked about
// ("parcel"), and praise, which is a complaint once it is negated ("not good
// quality"). A term is one or more whole words; a word that ends in * stands
// for all that begin so, and ~ for up to three words of any kind. Case and
// accents do not count ([Fold]).
//
// [Read] matches the longest term at a place first. A complaint is dropped
// where a negation stands up to two words before it in its clause ("without
// delay"); praise becomes a complaint where one stands up to three words
// before it. Clauses end at punctuation and at words such as "but".
//
// It counts words and knows no irony, no reference and no grammar beyond that:
// what it finds is to be counted over many comments, not believed of one.
package theme
