// Package control is the door for other people's tests: the clock, invalidations,
// faults, events, counts, and why.
//
// It speaks JSON over HTTP under /staleproof/v1/ and decides nothing. It is meant
// for the loopback interface: requests whose Host is not the address it listens
// on, or whose Origin is another site, are refused, so that a web page cannot
// reach it. No call takes a file's name.
package control

import (
	"net/http"
	"sync"

	"staleproof/docs"
	"staleproof/proxy"
	"staleproof/proxy/control/cloudfront"
	"staleproof/proxy/fault"
)

// Prefix is what the paths of all calls begin with.
const Prefix = "/staleproof/v1/"

// maxBodyBytes is the largest body of a call.
const maxBodyBytes = 1 << 20

// Door answers the calls about one network.
type Door struct {
	Network *proxy.Network
	Clock   *proxy.Clock
	Faults  *fault.Set  // of the network's Config; nil: none can be set
	Feed    *proxy.Feed // of the network's Config; nil: there are no events
	// Hosts are names beside loopback addresses, and addresses beside that of the
	// connection, under which the door may be called, without port.
	Hosts []string
	// CloudFront is CloudFront's own API, at its own paths; nil: there is none.
	CloudFront *cloudfront.API
}

// route is one of the door's own calls. The document of the calls, docs/openapi.yaml,
// has the same ones.
type route struct {
	method, path string
	// answer gives what is sent as JSON; nil: serve does it all.
	answer func(*http.Request) (any, error)
	serve  http.HandlerFunc
}

func (d *Door) routes() []route {
	return []route{
		{"GET", Prefix + "clock", d.clock, nil},
		{"POST", Prefix + "clock", d.moveClock, nil},
		{"POST", Prefix + "invalidations", d.invalidate, nil},
		{"GET", Prefix + "invalidations", d.list, nil},
		{"GET", Prefix + "invalidations/{id}", d.progress, nil},
		{"POST", Prefix + "batches", d.batch, nil},
		{"GET", Prefix + "bill", d.bill, nil},
		{"GET", Prefix + "explain", d.explainGet, nil},
		{"POST", Prefix + "explain", d.explain, nil},
		{"GET", Prefix + "keys", d.keys, nil},
		{"POST", Prefix + "forget", d.forget, nil},
		{"POST", Prefix + "reset", d.reset, nil},
		{"GET", Prefix + "origins", d.origins, nil},
		{"GET", Prefix + "counts", d.counts, nil},
		{"GET", Prefix + "faults", d.faults, nil},
		{"POST", Prefix + "faults", d.addFault, nil},
		{"DELETE", Prefix + "faults", d.clearFaults, nil},
		{"DELETE", Prefix + "faults/{name}", d.deleteFault, nil},
		{"GET", Prefix + "events", nil, d.events},
		{"GET", Prefix + "openapi.yaml", nil, openAPI},
		{"GET", "/metrics", nil, d.metrics},
	}
}

// Handler is the door as a handler. Its table of calls is made when the first one
// comes: it takes longer than all else of the door, and many a server has none.
func (d *Door) Handler() http.Handler {
	calls := sync.OnceValue(d.calls)
	return d.guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { calls().ServeHTTP(w, r) }))
}

func (d *Door) calls() *http.ServeMux {
	mux := http.NewServeMux()
	for _, r := range d.routes() {
		serve := r.serve
		if serve == nil {
			serve = answering(r.answer)
		}
		mux.HandleFunc(r.method+" "+r.path, serve)
	}
	if d.CloudFront != nil {
		mux.Handle(cloudfront.Prefix, d.CloudFront.Handler())
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusNotFound, failure{Error: "there is no call " + r.Method + " " + r.URL.Path + "; see docs/CONTROL.md"})
	})
	return mux
}

func openAPI(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/yaml")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Write(docs.OpenAPI)
}
