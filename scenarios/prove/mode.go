package prove

import "time"

// Mode is a deploy as a partial order of steps; every order that respects it is
// explored.
type Mode struct {
	Name  string `json:"name"`
	Steps []Step `json:"steps"`
}

// Step is one primitive step, done at once.
type Step struct {
	Name string `json:"name"`
	// After lists the indexes of steps that must be done before, all lower than
	// its own. nil: the step before it. Empty but not nil: none.
	After []int `json:"after"`

	Do     Act           `json:"do"`
	Build  int           `json:"build,omitempty"`  // Put: the build, 1-based; Delete: whose files
	Server int           `json:"server,omitempty"` // 1-based; 0: all at once
	Files  Select        `json:"files,omitempty"`  // Put, Delete, Tear
	Names  []string      `json:"names,omitempty"`  // with Named
	Tier   string        `json:"tier,omitempty"`   // Invalidate: "edge", "regional"; "": all
	Items  []string      `json:"items,omitempty"`  // Invalidate; nil: "/*"
	For    time.Duration `json:"for,omitempty"`    // Wait: whole seconds
}

// Act is what a step does.
type Act string

const (
	Put        Act = "put"        // write files of a build; what has another path stays
	Tear       Act = "tear"       // files are half written: bytes of no build
	Delete     Act = "delete"     // remove files whose path no other build uses
	Remove     Act = "remove"     // remove files, whoever uses their path
	Invalidate Act = "invalidate" // on a tier
	Wait       Act = "wait"       // at least so long
)

// Select picks files of a build.
type Select string

const (
	All     Select = ""        // every file
	Pages   Select = "pages"   // documents
	Assets  Select = "assets"  // all but documents
	Parents Select = "parents" // assets that refer to others
	Leaves  Select = "leaves"  // assets that refer to none
	Named   Select = "named"   // those in Names
)
