package cloudfront

import (
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"staleproof/proxy"
	"staleproof/proxy/distribution"
)

// Prefix is what the paths of all operations begin with. [API-01]
const Prefix = "/2020-05-31/"

// account is the number that stands in every ARN.
const account = "123456789012"

// Network is what the API needs of what serves: *proxy.Network.
type Network interface {
	Distributions() []*distribution.Distribution
	Serve([]*distribution.Distribution) error
	Send(proxy.Batch) (proxy.Progress, error)
	Progress(id string) (proxy.Progress, error)
	Invalidations() []proxy.Progress
}

// Options say what an API works on. All but Network may be left out.
type Options struct {
	Network Network
	// Now is the cache time. nil: time.Now.
	Now func() time.Time
	// Keep is where resources outlive the process; nil: nowhere.
	Keep Keeper
	// DeployDelay is how long a distribution is InProgress after a change, in cache
	// time. It is served at once all the same. Default 0: Deployed at once. [API-261]
	DeployDelay time.Duration
	// Arrange changes a distribution that was read before it is served, as
	// --origin-map does with those of files. nil: served as it was sent.
	Arrange func(*distribution.Distribution) error
	// Note is told what a request asked for that is not emulated, of a distribution or
	// a policy. nil: nobody is.
	Note func(id string, n distribution.Note)
	// Random is where ids and ETags come from; requests read it at the same time. nil:
	// crypto/rand.
	Random io.Reader
}

// API answers the operations of CloudFront's API.
type API struct {
	options Options
	begun   time.Time // in cache time

	mu    sync.Mutex // of everything below
	shelf shelf      // nil: not filled yet
	// given are the distributions of configuration files, which are served first.
	given []*distribution.Distribution
	// read are the distributions that are served of the shelf's configurations.
	read map[string]*distribution.Distribution
}

// New makes an API over what the network serves at the moment, and serves besides
// what was kept. Without that the shelf is filled when somebody asks for the first
// time: it takes longer than all else at the start of a server, and most have nobody
// who asks.
func New(o Options) (*API, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	kept := o.Keep != nil
	if !kept {
		o.Keep = nowhere{}
	}
	a := &API{options: o, begun: o.Now(), given: o.Network.Distributions()}
	if !kept {
		return a, nil
	}
	if err := a.open(); err != nil {
		return nil, err
	}
	return a, a.load()
}

// open fills the shelf with all but what was kept, once.
func (a *API) open() error {
	if a.shelf != nil {
		return nil
	}
	a.shelf, a.read = newShelf(), map[string]*distribution.Distribution{}
	err := a.shelveManaged()
	if err == nil {
		err = a.configure(a.given, a.begun)
	}
	if err != nil {
		a.shelf = nil
	}
	return err
}

// call is one request.
type call struct {
	*http.Request
	body []byte
}

// reply is what an operation answers.
type reply struct {
	status   int    // default 200
	root     string // of the document; "": no body
	document tree
	etag     string
	location string // below the collection's URL
}

// Handler is the API as a handler of the paths below Prefix.
func (a *API) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, o := range operations() {
		mux.HandleFunc(o.method+" /2020-05-31"+o.path, func(w http.ResponseWriter, r *http.Request) { a.serve(w, r, o) })
	}
	for _, o := range unemulated() {
		mux.HandleFunc(o.method+" /2020-05-31"+o.path, func(w http.ResponseWriter, r *http.Request) { a.serve(w, r, o) })
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		a.refuse(w, refusal("InvalidURI", "there is no operation "+r.Method+" "+r.URL.Path))
	})
	return mux
}

// serve runs one operation.
func (a *API) serve(w http.ResponseWriter, r *http.Request, o operation) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBodyBytes))
	if err != nil {
		a.refuse(w, refusal("MalformedInput", fmt.Sprintf("the body ends early or has more than %d bytes", maxBodyBytes)))
		return
	}
	out, err := a.do(&call{r, body}, o)
	if err != nil {
		a.refuse(w, failureOf(err))
		return
	}
	h := w.Header()
	h.Set("X-Amzn-Requestid", a.uuid()) // [API-14]
	if out.etag != "" {
		h.Set("Etag", out.etag)
	}
	if out.location != "" {
		h.Set("Location", "https://cloudfront.amazonaws.com/2020-05-31/"+out.location) // [API-13]
	}
	var document []byte
	if out.root != "" {
		h.Set("Content-Type", "text/xml")
		document = encode(out.root, out.document)
	}
	if out.status == 0 {
		out.status = http.StatusOK
	}
	w.WriteHeader(out.status)
	w.Write(document) // the client may have gone; there is nobody to tell
}

func (a *API) do(c *call, o operation) (*reply, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.open(); err != nil {
		return nil, err
	}
	return o.do(a, c)
}

// Deny answers a request that may not come here, as the door in front decides, in
// the API's shape.
func (a *API) Deny(w http.ResponseWriter, why string) { a.refuse(w, told("AccessDenied", why)) }

// refuse answers with an error. [API-20], [API-22]
func (a *API) refuse(w http.ResponseWriter, f *Failure) {
	status, by := status(f.Code), "Sender"
	if status >= 500 {
		by = "Receiver"
	}
	id := a.uuid()
	h := w.Header()
	h.Set("X-Amzn-Requestid", id)
	h.Set("Content-Type", "text/xml")
	if f.Detail != "" {
		h.Set("Staleproof-Detail", strings.Map(printable, f.Detail))
	}
	w.WriteHeader(status)
	w.Write(encode("ErrorResponse", tree{"Error": tree{"Type": by, "Code": f.Code, "Message": f.Message}, "RequestId": id}))
}

// printable replaces what a header cannot have.
func printable(r rune) rune {
	if r < ' ' || r > '~' {
		return '?'
	}
	return r
}
