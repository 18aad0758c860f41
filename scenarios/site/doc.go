// Package site knows builds of a site: their files, references, and which bytes
// each URL is bound to.
//
//   - What is in a build? [Read], [ReadDir]
//   - What does a page make a browser ask for? [Build.References]
//   - Which bytes does each URL stand for, over several builds? [Bind]
//   - Which build do these bytes belong to? [Table.Lookup]
//   - How are the assets versioned? [Recognise]
//   - What does a release cost the caches? [Compare]
//   - The same site, versioned in another way: [Versioned]
//
// Builds are told apart by their bytes, never by headers, so that what is said of
// a response holds for unmodified output of any tool.
//
// # Limits
//
// References are found in the text of HTML, SVG, CSS, JavaScript and web
// manifests; of other strings in scripts those that are the path of a file of the
// build, or as Turbopack names chunks. A URL that a script computes, or keeps in JSON, is not seen. Links to other
// pages (a href) are navigations and no references.
package site
