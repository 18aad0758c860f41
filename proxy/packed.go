package proxy

import "net/http"

// sendsPacked reports whether a packed response is all that the viewer is to get: he is
// on a socket that takes one, and nothing is to be done to it on the way out.
func (x *exchange) sendsPacked() bool {
	if x.answerer == nil || x.inner || x.page {
		return false
	}
	_, rule := x.edge.plainBehavior(&x.req, x.secure)
	return rule != nil
}

// sendPacked is writeTo for a packed response.
func (x *exchange) sendPacked(a *answer) {
	head := append(x.answerer.Room(), "HTTP/1.1 200 OK\r\n"...)
	head = append(head, a.packed.Head...)
	head = appendOwnFields(head, x.id, x.hop, x.edge.config.POP, a.result)
	body := a.packed.Body.Bytes()
	err := x.answerer.Answer(head, body)
	x.answered(a, int64(len(body)), err)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
}
