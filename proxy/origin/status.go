package origin

import (
	"errors"
	"net/http"
)

// Answer is what a viewer and the log get for a failed origin request.
type Answer struct {
	Status  int    // of the error page
	Detail  string // x-edge-detailed-result-type [LOG-24]
	Message string // line 8 of the error page [ERR-03]
	Source  string // ledger rows
}

// Messages of the error page. [ERR-12]
const (
	cannotConnect = "CloudFront wasn't able to connect to the origin."
	badRequest    = "Bad request."
	cannotResolve = "CloudFront wasn't able to resolve the origin domain name."
	closedOrSlow  = "CloudFront attempted to establish a connection with the origin, but either the attempt failed or the origin closed the connection."
)

// answers has a row for each way to fail; the first that fits counts. Details and
// messages for an unreadable head and for bodies are inferred from their names.
var answers = []struct {
	phase   Phase
	timeout bool
	is      error // nil: any
	Answer
}{
	{Resolve, true, nil, Answer{http.StatusBadGateway, "OriginDnsError", cannotResolve, "ORG-11"}},
	{Resolve, false, nil, Answer{http.StatusBadGateway, "OriginDnsError", cannotResolve, "ORG-11"}},
	{Connect, true, nil, Answer{http.StatusGatewayTimeout, "OriginCommError", closedOrSlow, "ORG-13, ERR-13, LOG-24"}},
	{Connect, false, nil, Answer{http.StatusBadGateway, "OriginConnectError", cannotConnect, "ORG-12, ERR-05"}},
	{Handshake, true, nil, Answer{http.StatusGatewayTimeout, "OriginCommError", closedOrSlow, "ORG-13, ERR-13"}},
	{Handshake, false, nil, Answer{http.StatusBadGateway, "OriginConnectError", cannotConnect, "ORG-07 to ORG-09"}},
	{Head, false, ErrRequest, Answer{http.StatusBadRequest, "InvalidRequest", badRequest, "ERR-11, ERR-18"}},
	{Head, true, ErrWrite, Answer{http.StatusGatewayTimeout, "OriginWriteError", closedOrSlow, "LOG-24"}},
	{Head, true, nil, Answer{http.StatusGatewayTimeout, "OriginCommError", closedOrSlow, "ORG-14, ERR-13, LOG-24"}},
	{Head, false, ErrHeadTooBig, Answer{http.StatusBadGateway, "OriginHeaderTooBigError", closedOrSlow, "LIM-06"}},
	{Head, false, ErrRangeLength, Answer{http.StatusBadGateway, "OriginContentRangeLengthError", closedOrSlow, "ORG-25"}}, // status inferred
	{Head, false, ErrMalformed, Answer{http.StatusBadGateway, "OriginInvalidResponseError", closedOrSlow, "ORG-23"}},
	{Head, false, ErrWrite, Answer{http.StatusBadGateway, "OriginWriteError", closedOrSlow, "ORG-24, LOG-24"}},
	{Head, false, nil, Answer{http.StatusBadGateway, "OriginReadError", closedOrSlow, "ORG-24, LOG-24"}},
	{Body, true, nil, Answer{http.StatusGatewayTimeout, "OriginCommError", closedOrSlow, "ORG-14, LOG-24"}},
	{Body, false, nil, Answer{http.StatusBadGateway, "OriginReadError", closedOrSlow, "ORG-21, LOG-24"}},
}

// AnswerTo is what follows from err, the error of a round trip or of a body.
// Errors that are not an [Error] count as a lost connection.
func AnswerTo(err error) Answer {
	e := &Error{Phase: Head}
	errors.As(err, &e)
	for _, row := range answers {
		if row.phase == e.Phase && row.timeout == e.Timeout && (row.is == nil || errors.Is(e.Err, row.is)) {
			return row.Answer
		}
	}
	return Answer{Status: http.StatusBadGateway, Detail: "OriginError", Message: closedOrSlow}
}

// Status is the status that follows from err: 502, 504, or 400 when it was the viewer's.
func Status(err error) int { return AnswerTo(err).Status }
