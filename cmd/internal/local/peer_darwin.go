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
	var credentials *unix.Xucred
	var failed error
	err = raw.Control(func(fd uintptr) {
		credentials, failed = unix.GetsockoptXucred(int(fd), unix.SOL_LOCAL, unix.LOCAL_PEERCRED)
	})
	if err = errors.Join(err, failed); err != nil {
		return 0, err
	}
	return int(credentials.Uid), nil
}

// restrict does nothing: here a socket takes its mode only once it has a name.
func restrict(uintptr) error { return nil }
