export const open=()=>{document.title='the tour, last seen in mysite-1.0'};
