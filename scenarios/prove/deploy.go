package prove

// Deploy is what is proved about: a site in several builds, how it is put on the
// servers, and what stands between them and visitors.
type Deploy struct {
	Name     string   `json:"name"`
	Site     Site     `json:"site"`     // zero: [SampleSite]
	Strategy Strategy `json:"strategy"` // how assets are named; not looked at when Site.Builds is set
	Mode     Mode     `json:"mode"`     // the steps of the deploy
	CDN      CDN      `json:"cdn"`      // caches, and the habits of the origin behind them
	Servers  int      `json:"servers"`  // origin servers, 1 to 4; 0: 2. Any of them may get any request
	Visitors []Kind   `json:"visitors"` // nil: Bounds.Visitors fresh ones; at most 4, and a [Crawler]
	// Takes are the encodings that visitors take, one for each in turn; fewer are
	// repeated. nil: nobody says anything about encodings.
	Takes []Encodings `json:"takes,omitempty"`

	others  []Encodings // what others take, of whom there is any number
	crawler bool        // is there, and no longer among Visitors
}

// Kind is a kind of visitor.
type Kind string

const (
	// Fresh has no private cache and makes one view, whenever he likes and as
	// slowly as he likes; so he is an old tab, too.
	Fresh Kind = "fresh"
	// Returning has a private cache and makes two views.
	Returning Kind = "returning"
	// OldTab has no private cache; his one view begins before the deploy does.
	OldTab Kind = "old tab"
	// Twice makes two views without a private cache.
	Twice Kind = "twice"
	// BehindProxy is fresh, behind a shared cache that leaves the query string
	// out of its key and knows no invalidations.
	BehindProxy Kind = "behind proxy"
	// BackButton has no private cache; his view begins before the deploy does, and he
	// leaves it. When the deploy has begun, he may come back: the document is as he
	// left it, without a request, and it asks for what it did not ask for before.
	BackButton Kind = "back button"
	// Crawler asks for any URL that any build binds, from the start and as often as he
	// likes, at every edge location. What he is given is not judged, but caches keep it.
	// He is beside others: one of them at least has to be named.
	Crawler Kind = "crawler"
)

const (
	// Worker makes three views in a browser with a service worker, which has all of
	// release 1 in its cache at first. It compares the bytes of each file of a new release
	// with the hash in its manifest, and installs all of a release or nothing of it.
	Worker Kind = "service worker"
	// UncheckedWorker is like Worker, but what the network gives is what is
	// installed, if only its status is 200.
	UncheckedWorker Kind = "unchecked worker"
	// SkipWaitingWorker is like UncheckedWorker, and a new release takes over as soon as
	// it is installed (skipWaiting), also under a page that is open.
	SkipWaitingWorker Kind = "skip-waiting worker"
)

// Kinds are all kinds of visitors.
func Kinds() []Kind {
	return []Kind{Fresh, Returning, OldTab, Twice, BehindProxy, BackButton, Crawler, Worker, UncheckedWorker, SkipWaitingWorker}
}

// early reports whether views of a kind begin before the deploy does.
func (k Kind) early() bool { return k == OldTab || k == BackButton }

// Site is what is deployed: either Assets, which a [Strategy] names, or Builds
// as a build tool made them.
type Site struct {
	Name   string  `json:"name"`
	Assets []Asset `json:"assets,omitempty"`
	Builds []Build `json:"builds,omitempty"` // in order of deployment, 2 to 8
	// Base and Strip say of Builds what servers take away from a path before they look
	// for a file: below Base, "" for "/", what the regular expression Strip matches
	// at its beginning. A file under the whole path comes first. "": nothing.
	Base  string `json:"base,omitempty"`
	Strip string `json:"strip,omitempty"`
	// Copies are the content codings, br and gzip, of which every one of Assets but pages
	// has a compressed copy beside it. Builds have theirs as files.
	Copies []string `json:"copies,omitempty"`
}

// Asset is a logical asset in two builds.
type Asset struct {
	Name  string   `json:"name"` // "css"
	Page  bool     `json:"page,omitempty"`
	Refs  []string `json:"refs,omitempty"`  // names of assets that its bytes refer to
	Fixed bool     `json:"fixed,omitempty"` // its own bytes are the same in both builds
}

// Build is one build of a site: its files.
type Build struct {
	Files []File `json:"files"`
}

// File is one file of a build.
type File struct {
	Name string `json:"name"` // for people; "": Path
	Path string `json:"path"` // where servers keep it, and the path of its URL, "/css/site.css"
	// URL is how its own build refers to it; "": Path. It may have a query string
	// or a directory that the servers take away.
	URL  string `json:"url,omitempty"`
	Body string `json:"body"` // identity of its bytes, a hash
	Page bool   `json:"page,omitempty"`
	// Refs are references as they stand in the bytes: absolute paths follow the
	// bytes, relative ones the URL that the file was fetched by.
	Refs []string `json:"refs,omitempty"`
	// Version is what a verifying origin wants the version in the URL to be.
	Version string `json:"version,omitempty"`
	// Control is the Cache-Control that servers send with the file. "": as the
	// [Origin] says; [NoControl]: none is sent.
	Control string `json:"control,omitempty"`
	// Coding makes it a compressed copy, "br" or "gzip", which servers give instead of
	// the file at the path CopyOf to whoever takes it. Body is the identity of its bytes
	// when they are decompressed: what a visitor sees. "": it is no copy.
	Coding string `json:"coding,omitempty"`
	CopyOf string `json:"copyOf,omitempty"`
}

// NoControl is a [File.Control] that is not sent.
const NoControl = "-"

// SampleSite is one page, one style sheet, and one image that only the style
// sheet refers to. All three change.
func SampleSite() Site {
	return Site{Name: "sample", Assets: []Asset{
		{Name: "html", Page: true, Refs: []string{"css"}},
		{Name: "css", Refs: []string{"img"}},
		{Name: "img"},
	}}
}

func (f *File) name() string {
	if f.Name != "" {
		return f.Name
	}
	return f.Path
}

func (f *File) url() string {
	if f.URL != "" {
		return f.URL
	}
	return f.Path
}
