export const open=()=>{document.title='chat of mysite-1.0'};
