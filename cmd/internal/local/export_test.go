package local

// DialAs is Dial for a user other than the one of this process.
var DialAs = dialAs

// ServeUser lets the server accept another user than the one of this process.
func (s *Server) ServeUser(uid int) { s.uid = uid }

// BaseOf is the name under which an input is spooled.
var BaseOf = baseOf
