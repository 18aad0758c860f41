package control

import (
	"time"

	"staleproof/cachepolicy"
	"staleproof/proxy"
)

// Event is the data of one event of GET events; fields that say nothing are left
// out. [proxy.Event] says what they are.
type Event struct {
	At           time.Time          `json:"at"`
	Kind         proxy.EventKind    `json:"kind"`
	Exchange     string             `json:"exchange,omitempty"`
	POP          string             `json:"pop,omitempty"`
	Distribution string             `json:"distribution,omitempty"`
	Behavior     string             `json:"behavior,omitempty"`
	Viewer       string             `json:"viewer,omitempty"`
	Method       string             `json:"method,omitempty"`
	URL          string             `json:"url,omitempty"`
	UserAgent    string             `json:"userAgent,omitempty"`
	Referer      string             `json:"referer,omitempty"`
	Protocol     string             `json:"protocol,omitempty"`
	Origin       string             `json:"origin,omitempty"`
	OriginURL    string             `json:"originURL,omitempty"`
	Key          string             `json:"key,omitempty"`
	Leader       string             `json:"leader,omitempty"`
	Status       int                `json:"status,omitempty"`
	Result       cachepolicy.Result `json:"result,omitempty"`
	Response     cachepolicy.Result `json:"responseResult,omitempty"`
	Detailed     string             `json:"detailedResult,omitempty"`
	Reason       cachepolicy.Reason `json:"reason,omitempty"`
	Rule         cachepolicy.Rule   `json:"rule,omitempty"`
	Lifetime     proxy.Span         `json:"lifetime,omitempty"`
	Age          proxy.Span         `json:"age,omitempty"`
	Bytes        int64              `json:"bytes,omitempty"`
	Took         proxy.Span         `json:"took,omitempty"`
	Detail       string             `json:"detail,omitempty"`
	Row          string             `json:"row,omitempty"`
	Fault        string             `json:"fault,omitempty"`
}

func eventOf(ev *proxy.Event) Event {
	return Event{
		At: ev.At.UTC(), Kind: ev.Kind, Exchange: ev.Exchange, POP: ev.POP, Distribution: ev.Distribution, Behavior: ev.Behavior,
		Viewer: ev.Viewer, Method: ev.Method, URL: ev.URL, UserAgent: ev.UserAgent, Referer: ev.Referer, Protocol: ev.Protocol,
		Origin: ev.Origin, OriginURL: ev.OriginURL, Key: ev.Key, Leader: ev.Leader, Status: ev.Status, Result: ev.Result,
		Response: ev.Response, Detailed: ev.Detailed, Reason: ev.Reason, Rule: ev.Rule, Lifetime: proxy.Span(ev.Lifetime),
		Age: proxy.Span(ev.Age), Bytes: ev.Bytes, Took: proxy.Span(ev.Took), Detail: ev.Detail, Row: ev.Row, Fault: ev.Fault,
	}
}

// Dropped is the data of an event "dropped": how many events were not sent, since
// the listener was too slow. They are younger than those before it.
type Dropped struct {
	Dropped int64 `json:"dropped"`
}
