package origin

import (
	"errors"
	"fmt"
)

// Phase is how far a request to an origin got.
type Phase uint8

const (
	Resolve   Phase = iota // its name is looked up
	Connect                // a connection is opened
	Handshake              // TLS
	Head                   // the request is sent and the head of the response read
	Body                   // the body is read
)

var phases = [...]string{"resolve", "connect", "handshake", "read head", "read body"}

func (p Phase) String() string { return phases[p] }

// Error is what went wrong between the edge and one origin.
type Error struct {
	Origin  string // its id
	Phase   Phase
	Timeout bool // the origin was silent, or not to be reached, for too long
	Err     error
}

func (e *Error) Error() string {
	return fmt.Sprintf("origin %s: %s: %v", e.Origin, e.Phase, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

// What can go wrong in the head phase, besides time. Err of an Error wraps one of
// them.
var (
	ErrClosed     = errors.New("the origin closed the connection without a response")
	ErrWrite      = errors.New("the origin did not take the request")
	ErrRequest    = errors.New("the body of the request could not be read")
	ErrHeadTooBig = errors.New("the response headers are larger than 32768 bytes") // [LIM-06]
	ErrMalformed  = errors.New("not an HTTP response")
	// ErrRangeLength is for whoever looks at the head of a 206. [ORG-25]
	ErrRangeLength = errors.New("the Content-Length is not that of the Content-Range")
)

// Why a head is malformed that net/http lets pass.
var (
	errSwitch = errors.New("101 Switching Protocols to a request that asked for none")
	errName   = errors.New("a field's name is no token")
)

// errSilent ends a request when its origin has been silent for the read timeout.
var errSilent = errors.New("no packet within the response timeout")

// errBusy ends a request that waits for one of maxConns connections as long as it
// takes to find that an origin cannot be connected to. [ORG-13] Inferred:
// CloudFront names no limit of connections, and so says nothing of waiting for one.
var errBusy = errors.New("no connection became free")
