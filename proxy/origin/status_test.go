package origin

import (
	"errors"
	"fmt"
	"testing"
)

func TestAnswers(t *testing.T) {
	wrapped := func(p Phase, timeout bool, err error) error {
		return fmt.Errorf("fetch: %w", &Error{Origin: "web", Phase: p, Timeout: timeout, Err: err})
	}
	other := errors.New("other")
	for _, row := range []struct {
		name   string
		err    error
		status int
		detail string
		bytes  int // of the error page: 903 and the message [ERR-05]
	}{
		{"ORG-11: DNS", wrapped(Resolve, false, other), 502, "OriginDnsError", 960},
		{"ORG-12: refused", wrapped(Connect, false, other), 502, "OriginConnectError", 951},
		{"ORG-13: not to be reached", wrapped(Connect, true, other), 504, "OriginCommError", 1033},
		{"ORG-09: certificate", wrapped(Handshake, false, other), 502, "OriginConnectError", 951},
		{"ORG-14: silent", wrapped(Head, true, errSilent), 504, "OriginCommError", 1033},
		{"ORG-24: closed", wrapped(Head, false, ErrClosed), 502, "OriginReadError", 1033},
		{"LIM-06 (requests): too big", wrapped(Head, false, ErrHeadTooBig), 502, "OriginHeaderTooBigError", 1033},
		{"ORG-25: a part of another length", wrapped(Head, false, ErrRangeLength), 502, "OriginContentRangeLengthError", 1033},
		{"ORG-23: malformed", wrapped(Head, false, because{ErrMalformed, other}), 502, "OriginInvalidResponseError", 1033},
		{"ERR-18: a body that cannot be read", wrapped(Head, false, because{ErrRequest, other}), 400, "InvalidRequest", 915},
		{"LOG-24: not taken", wrapped(Head, false, &writeError{other}), 502, "OriginWriteError", 1033},
		{"ORG-21: cut", wrapped(Body, false, other), 502, "OriginReadError", 1033},
		{"anything else is a lost connection", other, 502, "OriginReadError", 1033},
	} {
		t.Run(row.name, func(t *testing.T) {
			a := AnswerTo(row.err)
			if a.Status != row.status || a.Detail != row.detail || 903+len(a.Message) != row.bytes || Status(row.err) != row.status {
				t.Errorf("AnswerTo(%v) is %d %s and a page of %d bytes, want %d %s and %d", row.err, a.Status, a.Detail, 903+len(a.Message), row.status, row.detail, row.bytes)
			}
		})
	}
}

func TestEveryFailureHasARow(t *testing.T) {
	for p := Resolve; p <= Body; p++ {
		for _, timeout := range []bool{false, true} {
			if a := AnswerTo(&Error{Phase: p, Timeout: timeout, Err: errors.New("x")}); a.Source == "" {
				t.Errorf("no row for %s, timeout %v", p, timeout)
			}
		}
	}
}
