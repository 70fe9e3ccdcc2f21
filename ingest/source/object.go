package source

import (
	"encoding/json"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// kind is the sort of a JSON value, as far as a column of text needs it.
type kind uint8

const (
	absent  kind = iota // null, or no such key
	text                // a string, unescaped
	literal             // a number, true or false, as it stands in the file
	nested              // an object or array, as it stands in the file
)

// member is a key of an object with its value.
type member struct {
	key, value []byte
	kind       kind
}

// objectParser takes JSON objects apart, one at a time.
type objectParser struct {
	members []member
	line    []byte
	pos     int
	room    []byte // unescaped strings
	nested  repeatedKeys
}

// syntaxFault says why a line is not a usable object.
type syntaxFault struct {
	reason Reason
	what   string
	at     int // offset in the line
	key    string
}

func (f *syntaxFault) detail() string { return fmt.Sprintf("%s at offset %d", f.what, f.at) }

// parse fills members with the keys of the object that is all of line, which
// is valid UTF-8, in their order. The members are valid until the next call.
func (p *objectParser) parse(line []byte) *syntaxFault {
	p.members, p.line, p.pos, p.room = p.members[:0], line, 0, p.room[:0]
	if p.blank(); p.peek() != '{' {
		return p.fault("no object begins")
	}
	p.pos++
	if p.blank(); p.peek() == '}' {
		return p.fault("an object without keys")
	}
	for {
		key, fault := p.key()
		if fault != nil {
			return fault
		}
		value, kind, fault := p.value()
		if fault != nil {
			fault.key = string(key)
			return fault
		}
		p.members = append(p.members, member{key: key, value: value, kind: kind})
		switch p.blank(); p.peek() {
		case ',':
			p.pos++
		case '}':
			p.pos++
			if p.blank(); p.pos < len(line) {
				return p.fault("text behind the object")
			}
			return nil
		default:
			return p.fault("no comma or closing brace")
		}
	}
}

// key passes over a key and its colon.
func (p *objectParser) key() ([]byte, *syntaxFault) {
	if p.blank(); p.peek() != quote {
		return nil, p.fault("no key")
	}
	key, fault := p.string()
	if fault != nil {
		return nil, fault
	}
	if p.blank(); p.peek() != ':' {
		return nil, p.fault("no colon behind a key")
	}
	p.pos++
	return key, nil
}

// value passes over a value.
func (p *objectParser) value() ([]byte, kind, *syntaxFault) {
	p.blank()
	start := p.pos
	switch c := p.peek(); c {
	case quote:
		value, fault := p.string()
		return value, text, fault
	case '{', '[':
		if p.bracket(); !json.Valid(p.line[start:p.pos]) {
			p.pos = start
			return nil, nested, p.fault("an invalid nested value")
		}
		if twice := p.nested.find(p.line[start:p.pos]); twice != nil {
			return nil, nested, &syntaxFault{reason: DuplicateKey, what: standsTwice(twice) + " in a nested value", at: start}
		}
		return p.line[start:p.pos], nested, nil
	default:
		for p.pos < len(p.line) && p.line[p.pos] > ' ' && p.line[p.pos] != ',' && p.line[p.pos] != '}' {
			p.pos++
		}
		value := p.line[start:p.pos]
		if string(value) == "null" {
			return nil, absent, nil
		}
		if string(value) == "true" || string(value) == "false" || isNumber(value) {
			return value, literal, nil
		}
		p.pos = start
		return nil, literal, p.fault("an invalid value")
	}
}

// string passes over a string and returns its unescaped text.
func (p *objectParser) string() ([]byte, *syntaxFault) {
	p.pos++
	start := p.pos
	for ; p.pos < len(p.line); p.pos++ {
		switch c := p.line[p.pos]; {
		case c == quote:
			p.pos++
			return p.line[start : p.pos-1], nil
		case c == '\\':
			return p.escaped(start)
		case c < ' ':
			return nil, p.fault("a control character in a string")
		}
	}
	return nil, p.fault("a string without end")
}

// escaped is string from the first backslash on.
func (p *objectParser) escaped(start int) ([]byte, *syntaxFault) {
	from := len(p.room)
	p.room = append(p.room, p.line[start:p.pos]...)
	for p.pos < len(p.line) {
		c := p.line[p.pos]
		switch {
		case c == quote:
			p.pos++
			return p.room[from:len(p.room):len(p.room)], nil
		case c == '\\':
			if fault := p.escape(); fault != nil {
				return nil, fault
			}
		case c < ' ':
			return nil, p.fault("a control character in a string")
		default:
			p.room = append(p.room, c)
			p.pos++
		}
	}
	return nil, p.fault("a string without end")
}

// escape passes over one escape sequence.
func (p *objectParser) escape() *syntaxFault {
	if p.pos+1 >= len(p.line) {
		return p.fault("a string without end")
	}
	c := p.line[p.pos+1]
	switch c {
	case quote, '\\', '/':
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'u':
		return p.unicode()
	default:
		return p.fault("an unknown escape")
	}
	p.room = append(p.room, c)
	p.pos += 2
	return nil
}

// unicode passes over \uXXXX, or two of them that make one character.
func (p *objectParser) unicode() *syntaxFault {
	char, ok := hex4(p.line[p.pos:])
	if !ok {
		return p.fault("an invalid escape")
	}
	if char == 0 {
		return &syntaxFault{reason: NulByte, what: "an escaped zero byte", at: p.pos}
	}
	size := 6
	if utf16.IsSurrogate(char) {
		low, _ := hex4(p.line[min(p.pos+6, len(p.line)):])
		if char = utf16.DecodeRune(char, low); char == utf8.RuneError {
			return &syntaxFault{reason: InvalidEncoding, what: "half a surrogate pair", at: p.pos}
		}
		size = 12
	}
	p.room = utf8.AppendRune(p.room, char)
	p.pos += size
	return nil
}

// hex4 returns the number that \uXXXX at the start of b stands for.
func hex4(b []byte) (rune, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	var n rune
	for _, c := range b[2:6] {
		switch {
		case c >= '0' && c <= '9':
			n = n<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			n = n<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return n, true
}

// bracket passes over an object or array without checking what is in it.
func (p *objectParser) bracket() {
	depth := 0
	inString := false
	for ; p.pos < len(p.line); p.pos++ {
		switch c := p.line[p.pos]; {
		case inString && c == '\\':
			p.pos++
		case c == quote:
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				p.pos++
				return
			}
		}
	}
	p.pos = min(p.pos, len(p.line))
}

// blank passes over white space.
func (p *objectParser) blank() {
	for p.pos < len(p.line) && (p.line[p.pos] == ' ' || p.line[p.pos] == '\t' || p.line[p.pos] == '\r') {
		p.pos++
	}
}

// peek returns the byte at hand, 0 at the end.
func (p *objectParser) peek() byte {
	if p.pos >= len(p.line) {
		return 0
	}
	return p.line[p.pos]
}

func (p *objectParser) fault(what string) *syntaxFault {
	return &syntaxFault{reason: InvalidJSON, what: what, at: p.pos}
}

// isNumber tells a JSON number.
func isNumber(b []byte) bool {
	digits := func(i int) int {
		for i < len(b) && b[i] >= '0' && b[i] <= '9' {
			i++
		}
		return i
	}
	start := 0
	if len(b) > 0 && b[0] == '-' {
		start = 1
	}
	i := digits(start)
	if i == start || i > start+1 && b[start] == '0' {
		return false
	}
	if i < len(b) && b[i] == '.' {
		from := i + 1
		if i = digits(from); i == from {
			return false
		}
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		if i++; i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		from := i
		if i = digits(from); i == from {
			return false
		}
	}
	return i == len(b)
}
