// Package access says who may do what: API keys, what each call of the API
// needs, and the log of who did what.
//
// A key's text is cw_, then 43 letters and digits that carry 256 random bits,
// then six that are the CRC-32 of what stands before them: a tool that looks
// for leaked secrets knows one when it sees it, and a mistyped one is refused
// without a look at the database. Only the SHA-256 of the text is kept. A slow
// hash is for passwords, which people choose and others can guess; nobody
// guesses 256 random bits, and a fast hash lets every call be checked.
package access
