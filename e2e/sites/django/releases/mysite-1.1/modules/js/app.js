import {text} from './part.js';document.body.append(text);
