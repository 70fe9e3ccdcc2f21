package local

import (
	"errors"
	"net"

	"golang.org/x/sys/unix"
)

// peerOf returns the user at the other end of a connection.
func peerOf(conn *net.UnixConn) (uid int, err error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, err
	}
	var credentials *unix.Ucred
	var failed error
	err = raw.Control(func(fd uintptr) {
		credentials, failed = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	})
	if err = errors.Join(err, failed); err != nil {
		return 0, err
	}
	return int(credentials.Uid), nil
}

// restrict gives a socket its mode before it has a name, so that there is no
// moment at which others could connect.
func restrict(fd uintptr) error { return unix.Fchmod(int(fd), socketMode) }
