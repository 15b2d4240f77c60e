"""Temporary: replaced by the real one."""
import itertools, math
import numpy as np
def _fill(p,a):
    p=np.array(p,float);a=np.array(a,float)
    both=np.isnan(p)&np.isnan(a)
    p=np.where(both,1,p);a=np.where(both,1,a)
    return np.where(np.isnan(p),a,p),np.where(np.isnan(a),p,a)
def decompose(plan,actual,method="shapley"):
    x,y=_fill(plan,actual); n=len(x); out=np.zeros_like(x)
    orders=[tuple(range(n))] if method=="sequential" else list(itertools.permutations(range(n)))
    for o in orders:
        cur=x.copy()
        for i in o:
            b=cur.prod(0); cur[i]=y[i]; out[i]+=cur.prod(0)-b
    return out/len(orders)
def order_range(plan,actual,*,total=False):
    x,y=_fill(plan,actual); n=len(x); lo=np.full_like(x,np.inf); hi=-lo
    if total: lo=np.full(n,np.inf); hi=-lo
    for i in range(n):
        for m in itertools.product((0,1),repeat=n-1):
            z=np.array([ (y if k else x)[j] for j,k in zip([j for j in range(n) if j!=i],m)]).prod(0)*(y[i]-x[i]) if n>1 else y[i]-x[i]
            if total: z=np.sum(z)
            lo[i]=np.minimum(lo[i],z); hi[i]=np.maximum(hi[i],z)
    return lo,hi
